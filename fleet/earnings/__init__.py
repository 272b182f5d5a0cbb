"""What was earned and received with vehicles, by day."""
