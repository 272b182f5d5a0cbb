"""Rules as people look at them."""
