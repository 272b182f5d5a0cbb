"""Rules as programs read them: all at once."""
