"""What people do with bills: issue, discard, bill now, deliver, bring in."""
