"""Figures of vehicles: utilisation and idle days."""
