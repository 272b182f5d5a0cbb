"""Revenue shares between owner and operator."""
