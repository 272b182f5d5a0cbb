"""Money that comes in and goes back: payments, bank statements, refunds, write-offs."""
