"""Drafts become bills."""
