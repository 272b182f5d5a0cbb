"""The stages of vehicles' lives."""
