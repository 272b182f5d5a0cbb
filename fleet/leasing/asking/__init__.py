"""What lines ask for: models and vehicles there are."""
