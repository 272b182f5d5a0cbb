"""Licences, inspections, permits, battery tests."""
