"""What a month of an agreement comes to."""
