"""Formats of banks: kept by organisations or shipped, and which one a file is in."""
