"""Sales of packages, and what is due of them."""
