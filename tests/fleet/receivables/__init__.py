"""What is owed, and what settles it."""
