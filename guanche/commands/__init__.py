"""One module a command: options in, text out; the deciding is done in the rooms."""
