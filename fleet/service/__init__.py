"""Work on vehicles as it goes on: what an order does to its vehicle, its plan and its costs."""
