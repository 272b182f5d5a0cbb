"""The vault: texts of contracts, what was made of them, who signed, whether they are whole."""
