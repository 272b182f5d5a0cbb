"""People and the keys of machines."""
