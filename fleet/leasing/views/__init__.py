"""Leases as they are asked for."""
