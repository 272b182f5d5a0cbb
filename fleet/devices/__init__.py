"""Vehicle terminals and which of them sat in which vehicle, over time."""
