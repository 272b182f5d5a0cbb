"""What speaks for and against a hand-over, gathered."""
