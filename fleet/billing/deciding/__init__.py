"""What is to be done for leases, by what is known of them."""
