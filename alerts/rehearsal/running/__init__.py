"""Reads what a rehearsal looks at, and has it judged."""
