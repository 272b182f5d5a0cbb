"""Pieces without business words: clock, database, SQL files, migrations, errors, settings, log."""
