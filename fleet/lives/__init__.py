"""What a vehicle cost, how far it has run, where it stands, and who may have it next."""
