"""Subscriptions: which alerts go to a channel, and when not."""
