"""Files are added, by their content."""
