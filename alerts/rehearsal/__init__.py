"""Rehearsal: what a rule would have found over the last days, before it is set."""
