"""Sessions begin, are stepped up, and end."""
