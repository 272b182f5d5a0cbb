"""Vehicles, papers and work as rows of sheets: many at once, read and written."""
