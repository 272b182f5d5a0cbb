"""Notices from when they are made: how they arrive, and until when they matter."""
