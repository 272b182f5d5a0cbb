"""What the readings say: a vehicle's track and latest state, and the fleet at a glance."""
