"""Files go out of sight, and some for good."""
