"""What is asked of work orders."""
