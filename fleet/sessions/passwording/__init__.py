"""New passwords: changed, by a one-time link, at the command line."""
