"""Whether what a rule names is there."""
