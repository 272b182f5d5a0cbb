"""Refusals as somebody within an organisation may see them."""
