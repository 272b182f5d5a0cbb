"""Tests of the bench: that it sends what it says, finds what is wrong and reports what it found."""
