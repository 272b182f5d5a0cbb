"""标价: what a model is let for by the list."""
