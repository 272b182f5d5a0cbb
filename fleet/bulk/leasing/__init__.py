"""Customers and leases as rows of sheets."""
