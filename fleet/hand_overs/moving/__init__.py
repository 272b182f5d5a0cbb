"""What a hand-over does to the vehicle itself."""
