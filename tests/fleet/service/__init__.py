"""Work on vehicles."""
