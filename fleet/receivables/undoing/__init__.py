"""Opens again what was settled."""
