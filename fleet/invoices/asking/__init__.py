"""Tells what was asked for."""
