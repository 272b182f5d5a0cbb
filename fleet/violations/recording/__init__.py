"""Violations as they come in, and whose they are."""
