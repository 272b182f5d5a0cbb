"""Reminders of rent, for customers, on the way each is reached."""
