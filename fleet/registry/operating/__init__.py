"""Who operates a vehicle."""
