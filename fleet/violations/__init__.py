"""Traffic violations, and who had the vehicle at that minute."""
