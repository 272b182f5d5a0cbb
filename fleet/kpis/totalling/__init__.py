"""Profit of all vehicles together."""
