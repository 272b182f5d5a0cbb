"""Figures of what vehicles earn: revenue and profit."""
