"""Terms beyond what sales may promise, and who allowed them."""
