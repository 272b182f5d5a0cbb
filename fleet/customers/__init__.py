"""Who leases: customers, their drivers, what they agreed to, and who shall lease nothing."""
