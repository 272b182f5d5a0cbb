"""Log-in, sessions, step-up, one-time links, and who it is that asks."""
