"""Vehicles that come into lines and leave them."""
