"""What comes back by the clock: what was put off, and what another alert held back."""
