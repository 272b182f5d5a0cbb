"""Stories that a lawyer can read, run through the real services."""
