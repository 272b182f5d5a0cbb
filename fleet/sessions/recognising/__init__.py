"""Whose a token or a key is."""
