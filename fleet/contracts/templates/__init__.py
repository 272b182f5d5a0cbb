"""Texts of contracts, edition by edition."""
