"""Hand-overs as they are asked for, and their photos."""
