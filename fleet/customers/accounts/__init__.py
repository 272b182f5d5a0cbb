"""The bank accounts of a customer."""
