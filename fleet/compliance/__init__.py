"""Papers of vehicles: licence, inspections, insurance, permits, and what falls due from them."""
