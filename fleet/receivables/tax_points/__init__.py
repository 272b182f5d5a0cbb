"""Brings the day forward on which VAT falls due."""
