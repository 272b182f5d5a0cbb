"""Bills: planned from leases, issued under numbers without gaps, corrected by credit notes."""
