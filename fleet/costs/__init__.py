"""What is spent on vehicles."""
