"""What an organisation has under codes of its own, over HTTP: what lists of it are asked by.

For groups of vehicles and places on the map. Leaves out what is shown of each.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Query

from api.deps import Call
from api.pages import cursor_of, place_of, split_page

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Whose = Annotated[
    str | None, Query(max_length=63, description="Whose; the one acted for unless said.")
]
Retired = Annotated[bool | None, Query(description="Retired, or in use.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of code or name.")
]


class Coded(Protocol):
    """Something with a code."""

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...


Thing = TypeVar("Thing", bound=Coded)


def page_by_code(
    listed: Callable[..., Sequence[Thing]],
    call: Call,
    *,
    organisation: str | None,
    retired: bool | None,
    q: str | None,
    limit: int,
    after: str | None,
) -> tuple[list[Thing], str | None]:
    """A page of what a service lists by code, and where the next one begins if there is more."""
    given: dict[str, Any] = {"organisation": organisation, "retired": retired, "search": q}
    place = place_of(after, str, int)
    rows = listed(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return page, None if last is None else cursor_of(last.code, last.id)
