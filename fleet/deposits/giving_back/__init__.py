"""Deposits are held back, released and given back; those from before come in."""
