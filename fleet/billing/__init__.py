"""What leases are billed: planned, drafted, issued, corrected by credit notes."""
