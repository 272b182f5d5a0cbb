"""Who is told next of what nobody has acknowledged."""
