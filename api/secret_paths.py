"""Paths that hold a secret and so are their own credential: which they are, and how to log them."""

import re
from typing import Final

PUBLIC_SECRETS: Final = re.compile(r"(?P<open>/api/v1/calendars/)[^/]+\.ics")
"""Public for any method, of which they have GET alone."""


def without_secret(path: str) -> str:
    """The path as it may be logged.

    >>> without_secret("/api/v1/calendars/T0k3n.ics"), without_secret("/healthz")
    ('/api/v1/calendars/…', '/healthz')
    """
    found = PUBLIC_SECRETS.fullmatch(path)
    return path if found is None else f"{found['open']}…"
