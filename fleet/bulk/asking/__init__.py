"""What sheets ask of whatever keeps the things they are about."""
