"""The inbox: alerts from raised to resolved, and what people do with them."""
