"""Tests of the contracts, and the telemetry contract once more as a table to test against."""
