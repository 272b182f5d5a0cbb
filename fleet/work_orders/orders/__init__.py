"""One order as a record."""
