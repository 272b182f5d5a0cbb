"""Charges: proposed once, decided once."""
