"""Looks whether the books hold."""
