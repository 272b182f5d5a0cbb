"""Tests of the ingest room, pure ones and ones on a real database and broker."""
