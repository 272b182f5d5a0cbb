"""What is written into an order."""
