"""Lists payments, refunds and write-offs."""
