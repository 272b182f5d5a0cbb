"""Log-in, sessions, one-time links."""
