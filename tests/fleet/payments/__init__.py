"""Money in, back and given up."""
