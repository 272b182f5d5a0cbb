"""Records payments, each once."""
