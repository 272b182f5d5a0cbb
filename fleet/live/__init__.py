"""Changes of vehicles' states as they are committed: what is new, and who may see it."""
