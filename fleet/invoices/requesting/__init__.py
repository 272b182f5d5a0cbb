"""Asks for invoices, for their reversal, and withdraws what was asked for."""
