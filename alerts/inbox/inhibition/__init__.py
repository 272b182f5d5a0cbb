"""What explains an alert: while that is unresolved, nobody is told of this."""
