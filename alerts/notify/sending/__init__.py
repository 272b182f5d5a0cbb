"""Sending: one sender a kind of channel, attempts that are counted before they are made."""
