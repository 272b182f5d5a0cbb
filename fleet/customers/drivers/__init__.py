"""Whoever drives for a customer, with their licences."""
