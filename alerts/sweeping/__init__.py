"""Asks what is due so that a rule that fails stops no other."""
