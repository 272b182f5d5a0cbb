"""Vehicles change hands: what it takes, what is written down, what follows."""
