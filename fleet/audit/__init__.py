"""The audit trail: who did what, on which object, before and after, from where."""
