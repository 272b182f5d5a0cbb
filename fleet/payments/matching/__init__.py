"""Whose a receipt may be, and how sure that is."""
