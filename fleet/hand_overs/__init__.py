"""The moments a vehicle changes hands: what was checked, read and found."""
