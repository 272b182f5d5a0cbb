"""What falls due, found by the clock: set-based, each reminder once."""
