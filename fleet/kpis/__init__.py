"""The figures of the business, each with its definition."""
