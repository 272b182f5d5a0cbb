"""Leases that run already, as rows of sheets."""
