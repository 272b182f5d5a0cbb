"""What is done at the door, as the trail keeps it."""
