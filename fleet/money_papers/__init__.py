"""Papers of money as PDF: bills, credit notes, statements, notices, settlements."""
