"""Papers of money: bills, credit notes, statements, notices, settlements as PDF."""
