"""Tests of the business: pure tables of cases, and slices on a real database."""
