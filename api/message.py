"""The shape of what a problem is called. The words themselves: `messages.py`, by area beside it."""

from typing import NamedTuple


class Message(NamedTuple):
    """A title in both languages, and the Chinese sentence with places for facts."""

    en: str
    zh: str
    zh_detail: str | None = None
