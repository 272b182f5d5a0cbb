"""Gathering: what waits in the outbox becomes messages, or is dropped with its reason."""
