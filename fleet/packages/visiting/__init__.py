"""Visits that packages include."""
