"""Takes credit notes off bills."""
