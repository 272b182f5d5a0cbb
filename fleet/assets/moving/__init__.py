"""How a vehicle is moved on, changed and handed to another operator."""
