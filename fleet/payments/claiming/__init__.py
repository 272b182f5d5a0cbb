"""Says whose a payment is, and takes that back."""
