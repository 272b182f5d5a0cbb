"""How a quote ends."""
