"""Service packages: sold, billed by terms, done by visits."""
