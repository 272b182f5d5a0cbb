"""Contracts that were signed on paper are brought in."""
