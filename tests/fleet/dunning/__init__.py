"""Dunning: the ladder, its letters, and how they arrive."""
