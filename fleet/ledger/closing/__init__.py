"""Closes the months of books."""
