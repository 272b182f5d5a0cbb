"""催收: reminders, demands and notices, and how they arrived."""
