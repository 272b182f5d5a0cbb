"""All that is kept of a lease, in one file that proves itself."""
