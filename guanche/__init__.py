"""The composition root: the command `guanche`, the demo, and servers of our own for both."""
