"""The list of packages."""
