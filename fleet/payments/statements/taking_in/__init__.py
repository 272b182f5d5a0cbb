"""What of a statement is new, and whose."""
