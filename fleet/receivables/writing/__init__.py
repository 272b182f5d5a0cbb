"""Writes allocations with all that follows."""
