"""Invoice requests: what was billed is invoiced once, numbers come back."""
