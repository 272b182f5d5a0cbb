"""Follows what ingest commits, has it judged and what is found raised."""
