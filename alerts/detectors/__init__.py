"""Detectors: what samples say about vehicles, as frames in and frames out. Pure."""
