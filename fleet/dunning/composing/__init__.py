"""What a notice is made from, and how it is put together."""
