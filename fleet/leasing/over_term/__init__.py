"""Leases about to end, and vehicles that are used after the last day."""
