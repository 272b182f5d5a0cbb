"""Bills and credit notes as they are asked for."""
