"""What the rows of a sheet mean and do, many at a time."""
