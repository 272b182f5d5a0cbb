"""The events of leases as they are kept, and what follows from them in tables."""
