"""Custom rules: expressions of CEL, checked, and run over frames."""
