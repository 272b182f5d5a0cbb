"""Rules: their kinds and parameters, how they are inherited, kept and read."""
