"""Vehicles change hands: out, back, and one for another."""
