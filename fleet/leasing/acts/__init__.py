"""What happens to leases once they are signed."""
