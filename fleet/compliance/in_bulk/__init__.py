"""Many papers at once, for sheets."""
