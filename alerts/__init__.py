"""Alerts: rules, what they find, the inbox, notifications (docs/decisions/0016)."""
