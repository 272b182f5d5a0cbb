"""What is owed: what is open of bills, credit of customers, and what settled what."""
