"""What is looked at in each kind of work on a vehicle, edition by edition."""
