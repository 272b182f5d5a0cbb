"""Whose turn it is and what is due: a fenced lease and a table of jobs."""
