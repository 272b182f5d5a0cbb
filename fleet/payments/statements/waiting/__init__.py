"""Receipts that are nobody's yet."""
