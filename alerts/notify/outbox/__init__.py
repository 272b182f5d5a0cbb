"""The outbox: what is to be told to which channel, and when at the earliest."""
