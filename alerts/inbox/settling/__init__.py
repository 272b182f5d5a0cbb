"""How alerts end by hand, and begin anew; and the work orders made of them."""
