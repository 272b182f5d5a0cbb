"""Figures of money: collection, ageing, deposits, credit."""
