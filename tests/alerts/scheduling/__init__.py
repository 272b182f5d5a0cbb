"""Tests of whose turn it is and what is due."""
