"""Contracts are read again, byte by byte."""
