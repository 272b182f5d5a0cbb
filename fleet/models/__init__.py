"""The catalogue of vehicle models."""
