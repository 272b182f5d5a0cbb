"""Agreements and settlements as they are found, locked and noted."""
