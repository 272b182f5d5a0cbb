"""Tests of the composition root: the command, its outputs, the doctor and the demo."""
