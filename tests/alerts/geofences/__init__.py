"""Tests of geofences."""
