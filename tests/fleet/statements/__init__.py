"""Statements of account: what customers were billed and paid."""
