"""Work orders as records: their lines, checks, events and down-time; orders as sheets tell them."""
