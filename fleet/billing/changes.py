"""Decides which drafts of a lease stay, go and come, by those that shall be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft of a lease as it stands."""

    id: int
    purpose: str
    issue_on: date
    digest: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft as it shall be; by its digest, and from when on it may be issued."""

    purpose: str
    issue_on: date
    digest: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of drafts that stay (by purpose) and that go, purposes of those that come."""

    stay: Mapping[str, int]
    go: tuple[int, ...]
    come: tuple[str, ...]


def changes(drafts: Sequence[OpenDraft], wanted: Sequence[Wanted], *, today: date) -> Changes:
    """What is to be done so that the drafts are those that shall be.

    A draft stays that says the same and may be issued from the same day on; once that day has come,
    which day it was says nothing any more.

    >>> day, later = date(2026, 3, 1), date(2026, 3, 5)
    >>> drafts = [OpenDraft(1, "rent:1", day, b"a"), OpenDraft(2, "rent:2", later, b"b"),
    ...           OpenDraft(3, "charges:2026-02-28", day, b"c")]
    >>> wanted = [Wanted("rent:1", later, b"a"), Wanted("rent:2", later, b"x")]
    >>> found = changes(drafts, wanted, today=later)
    >>> found.stay, found.go, found.come
    ({'rent:1': 1}, (2, 3), ('rent:2',))
    """
    shall = {each.purpose: each for each in wanted}
    stay: dict[str, int] = {}
    for draft in drafts:
        same = shall.get(draft.purpose)
        if same is None or same.digest != draft.digest:
            continue
        if same.issue_on == draft.issue_on or max(same.issue_on, draft.issue_on) <= today:
            stay[draft.purpose] = draft.id
    go = tuple(draft.id for draft in drafts if stay.get(draft.purpose) != draft.id)
    return Changes(stay, go, tuple(purpose for purpose in shall if purpose not in stay))
