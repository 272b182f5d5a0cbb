"""Statements of account 客户对账单: what a customer was billed and paid over a span of days."""
