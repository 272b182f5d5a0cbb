"""Takes back a payment that never came."""
