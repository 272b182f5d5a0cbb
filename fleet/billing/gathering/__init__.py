"""What is known of leases when their bills are planned."""
