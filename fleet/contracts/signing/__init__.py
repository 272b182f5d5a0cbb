"""Contracts are signed by an e-signing service."""
