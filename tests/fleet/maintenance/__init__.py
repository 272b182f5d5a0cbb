"""Maintenance plans and the care of idle vehicles."""
