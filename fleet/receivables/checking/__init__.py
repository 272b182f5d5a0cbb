"""Derives balances anew and compares."""
