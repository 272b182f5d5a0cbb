"""What can be let today, and what stands idle."""
