"""What is done around the writing of every paper."""
