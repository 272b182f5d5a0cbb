"""Hand-overs of leases that ran before they were written down here."""
