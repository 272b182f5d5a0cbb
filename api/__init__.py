"""The HTTP API: translates requests to services and answers back, and decides nothing itself."""
