"""Double entry: the books of organisations, their months, and what they come to."""
