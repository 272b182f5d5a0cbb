"""Notifications: who is told, on what, when, and what came of it."""
