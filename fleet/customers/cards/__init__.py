"""The card of a customer: who it is, how it is reached, what stands on its invoices."""
