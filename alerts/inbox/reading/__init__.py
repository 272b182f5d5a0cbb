"""Looks into the inbox."""
