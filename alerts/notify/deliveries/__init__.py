"""What was sent, what came of it, and sending it once more."""
