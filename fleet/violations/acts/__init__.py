"""How a violation goes on."""
