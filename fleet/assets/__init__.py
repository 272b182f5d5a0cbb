"""One vehicle as a whole, and what may be done with it only when all else allows it."""
