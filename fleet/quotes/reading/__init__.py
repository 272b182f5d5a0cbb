"""Quotes as they are asked for."""
