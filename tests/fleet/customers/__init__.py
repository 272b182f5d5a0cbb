"""Customers, their drivers, what they agreed to, and who leases nothing."""
