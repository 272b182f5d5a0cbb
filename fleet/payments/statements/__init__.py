"""Statements of banks: which column is what, and what comes in from a file."""
