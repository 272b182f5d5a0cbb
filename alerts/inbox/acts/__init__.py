"""An act on an alert: who may, from which state, and what is written down of it."""
