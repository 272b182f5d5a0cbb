"""How people get in again: one-time links, locks taken off, sessions ended."""
