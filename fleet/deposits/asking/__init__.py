"""What is held, and how much of it may be given back today."""
