"""Months of agreements as they are looked at and settled."""
