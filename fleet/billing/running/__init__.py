"""What is due is drafted and issued, lease by lease."""
