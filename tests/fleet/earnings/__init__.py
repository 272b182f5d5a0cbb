"""What vehicles earn and receive, by day."""
