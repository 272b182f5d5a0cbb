"""Figures of law and of practice, each from a day on, with where it is written."""
