"""What happened to alerts, in order; it only grows."""
