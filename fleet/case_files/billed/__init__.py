"""The money of a lease in its case file: bills, what settled them, deposits, demands, papers."""
