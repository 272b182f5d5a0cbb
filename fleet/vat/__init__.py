"""VAT: which taxpayer an organisation is, and what rate a line has."""
