"""Which vehicles are free for a term, near here, with papers that last."""
