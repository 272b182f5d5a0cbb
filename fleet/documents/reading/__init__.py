"""Files are found and read."""
