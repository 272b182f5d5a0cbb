"""Sheets on their way out: templates, what is there, annotated copies."""
