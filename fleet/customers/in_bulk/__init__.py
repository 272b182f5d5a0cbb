"""Customers as rows of sheets, many at once."""
