"""Makes what is due of the ladder."""
