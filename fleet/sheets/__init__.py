"""Sheets on their way in and out: spreadsheets of vehicles, papers and work, read and written."""
