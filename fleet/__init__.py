"""The business, one folder a slice; slices speak to one another through `service.py` only."""
