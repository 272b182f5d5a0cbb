"""What people do with alerts: take them on, put them off, settle them."""
