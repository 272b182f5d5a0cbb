"""Vehicles that join."""
