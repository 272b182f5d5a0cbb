"""Violations as they are asked for."""
