"""Posts money in, and whose it is."""
