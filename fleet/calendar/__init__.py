"""What is due when, of every vehicle, and calendars that tell it."""
