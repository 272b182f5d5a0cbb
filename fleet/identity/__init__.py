"""People and machines: who there is, with which roles and scopes, and their personal data."""
