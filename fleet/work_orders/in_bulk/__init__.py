"""Sheets of work orders."""
