"""The blacklist, and whether a customer may lease anything."""
