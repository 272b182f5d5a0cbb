"""Contracts are made from texts."""
