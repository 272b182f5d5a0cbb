"""Service packages: sold with a lease for a term, billed in advance, done by visits."""
