"""Gives up what will not be paid."""
