"""What a person agreed to, what is kept of them, and that it is erased."""
