"""Tells what is open, and what is left."""
