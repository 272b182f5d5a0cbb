"""What is proposed to be charged to a customer, and what was decided."""
