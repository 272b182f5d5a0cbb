"""VAT invoices asked of the tax system, and the numbers that come back."""
