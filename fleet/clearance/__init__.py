"""Whether a vehicle may be handed over now."""
