"""Deletes by age what alerts and notifications have kept."""
