"""What falls due, by what it falls due of."""
