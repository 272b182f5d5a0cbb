"""Keyset pagination: a page is what comes after a place, and a cursor is that place, opaque."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from api.errors import ApiError

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
_BIGGEST: Final = 2**63 - 1

Limit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description=f"How many at most [{DEFAULT_LIMIT}].")
]
After = Annotated[
    str | None, Query(max_length=1_000, description="`next` of the page before this one.")
]
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some of a list, and where it goes on."""

    items: list[Item]
    next: str | None = Field(None, description="Give it as `after` for the next page; null = end.")


def cursor_of(*place: Any) -> str:
    """A place in a list as text."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in place]
    packed = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place a cursor stands for; `kinds` are the types of its parts, None is a part, too.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    if cursor is None:
        return None
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = json.loads(packed)
        if not isinstance(place, list) or len(place) != len(kinds):
            raise ValueError
        return [_read_part(part, kind) for part, kind in zip(place, kinds, strict=True)]
    except (binascii.Error, ValueError, RecursionError):
        raise ApiError(422, "cursor_invalid", field="after") from None


def key_of(cursor: str | None) -> str | None:
    """The key a cursor stands for, of a list that is ordered by one text.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(cursor, str)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    return place[0] if place else None


def dated_key_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The instant and the key a cursor stands for, of a list that is ordered by them.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(cursor, datetime, str)
    if place is None:
        return None
    at, key = place
    try:
        if at is None or key is None:
            raise ValueError
        return at, UUID(key)
    except ValueError:
        raise ApiError(422, "cursor_invalid", field="after") from None


def _read_part(part: Any, kind: type) -> Any:
    """A part of a cursor in its type; whoever made the cursor up is told, not served."""
    if part is None:
        return None
    if kind is datetime and isinstance(part, str):
        instant = datetime.fromisoformat(part)
        if instant.tzinfo is None:
            raise ValueError
        return instant
    if isinstance(part, bool) or not isinstance(part, (int, float) if kind is float else kind):
        raise ValueError
    if isinstance(part, str):
        part.encode()  # lone surrogates are no text
        if "\0" in part:
            raise ValueError
    if isinstance(part, int | float) and not -_BIGGEST <= part <= _BIGGEST:  # nor not-a-number
        raise ValueError
    return part


def split_page(rows: Sequence[Item], limit: int) -> tuple[list[Item], Item | None]:
    """Of `limit + 1` rows the page, and its last row if there are more."""
    page = list(rows[:limit])
    return page, page[-1] if len(rows) > limit else None
