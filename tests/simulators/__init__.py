"""Tests of the simulators: consistency of what they say, faults by count, a real broker."""
