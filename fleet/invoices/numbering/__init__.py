"""Writes down the numbers that come back from the tax system."""
