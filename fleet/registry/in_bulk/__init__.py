"""Sheets of vehicles."""
