"""Whether somebody knows a password."""
