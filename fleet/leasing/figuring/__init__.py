"""What follows from a lease in days and money, before anybody bills it."""
