"""Vehicles, devices, which device sat in which vehicle, and who operated it, over time."""
