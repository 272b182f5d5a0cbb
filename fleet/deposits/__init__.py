"""押金: what is held of leases, what stands against giving it back, and where it goes."""
