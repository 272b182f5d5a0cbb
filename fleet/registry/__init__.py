"""Vehicles, their models, who owned and operated them, and the stages of their lives."""
