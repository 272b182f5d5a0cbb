"""Gives a customer's credit back, and puts it to bills."""
