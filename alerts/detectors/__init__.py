"""Detectors: pure functions over frames of samples."""
