"""Customers that may be one, and making one of them."""
