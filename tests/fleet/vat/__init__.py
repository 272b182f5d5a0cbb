"""VAT: rates by day and taxpayer, and the split of a price."""
