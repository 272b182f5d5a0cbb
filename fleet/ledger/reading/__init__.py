"""What the books say: balances, entries, the journal."""
