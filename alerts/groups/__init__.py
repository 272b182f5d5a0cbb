"""Named sets of vehicles that rules speak of."""
