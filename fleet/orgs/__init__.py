"""Organisations: head office, regional centres, operators, depots, as one tree of any depth."""
