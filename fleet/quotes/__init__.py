"""The list of rents, and offers made by it."""
