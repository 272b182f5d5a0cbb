"""Moves money between credit, bills and deposits."""
