"""Contracts are sent, shown, acknowledged, and made void."""
