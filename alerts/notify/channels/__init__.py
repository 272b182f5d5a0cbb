"""Channels: where messages go, kept sealed."""
