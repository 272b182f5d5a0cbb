"""Hears what a receiver answered to Apprise, which says only whether it went well.

Apprise's plugins post by the module `requests` that they imported; a stand-in that hands every
post on and notes its answer takes its place in that module. So one tells a receiver that is busy
from one that has gone, and a robot that refuses with HTTP 200 from one that took the message.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import requests
from apprise import NotifyBase


@dataclass(slots=True)
class Heard:
    """The last answer of a conversation, or why there is none."""

    status: int | None = None
    text: str = ""
    retry_after: str | None = None
    timed_out: bool = False
    fault: str | None = None


_hearing: ContextVar[Heard | None] = ContextVar("hearing", default=None)
_MOST_TEXT: Final = 2_000
_ASKING: Final = frozenset({"post", "get", "put", "request"})


class _Requests:
    """The module `requests`, in which asking is heard."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(requests, name)
        return partial(self._noted, found) if name in _ASKING else found

    @staticmethod
    def _noted(ask: Any, *args: Any, **kwargs: Any) -> requests.Response:
        heard = _hearing.get() or Heard()
        try:
            answer: requests.Response = ask(*args, **kwargs)
        except requests.Timeout:
            heard.timed_out = True
            raise
        except requests.RequestException as fault:
            heard.fault = type(fault).__name__
            raise
        heard.status = answer.status_code
        heard.retry_after = answer.headers.get("Retry-After")
        heard.text = answer.content[:_MOST_TEXT].decode(errors="replace")
        return answer


_STAND_IN: Final = _Requests()


@contextmanager
def hearing(plugin: NotifyBase) -> Iterator[Heard]:
    """What is answered to this plugin meanwhile, in this thread."""
    module = sys.modules[type(plugin).__module__]
    if getattr(module, "requests", None) is requests:
        vars(module)["requests"] = _STAND_IN
    heard = Heard()
    token = _hearing.set(heard)
    try:
        yield heard
    finally:
        _hearing.reset(token)
