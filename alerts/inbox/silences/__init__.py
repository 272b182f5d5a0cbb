"""Windows in which nobody is told of what matches; it is raised all the same."""
