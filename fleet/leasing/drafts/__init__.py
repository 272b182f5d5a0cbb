"""Leases before they are signed: drafted, approved, signed, renewed."""
