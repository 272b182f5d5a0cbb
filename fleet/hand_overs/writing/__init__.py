"""The record of a hand-over, as it is kept."""
