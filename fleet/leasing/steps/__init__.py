"""What each kind of event makes of a book, or why it may not follow. `book.py` calls them."""
