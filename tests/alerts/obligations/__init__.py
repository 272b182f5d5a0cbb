"""What falls due, told on the right day, once."""
