"""The ledger: entries sum to zero, stay, and count in open months."""
