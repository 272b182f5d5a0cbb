"""Contracts and their vault."""
