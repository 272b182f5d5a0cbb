"""The book of leases: who has which vehicle, since when, until when, on what terms."""
