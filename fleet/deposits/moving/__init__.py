"""Deposits settle bills, and what they settled is undone."""
