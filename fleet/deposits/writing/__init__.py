"""How a move of a deposit is written: its row, its posting, the trail."""
