"""One vehicle, as it is found and changed."""
