"""Decides what findings and clearings of one rule and subject make of its alerts.

A new occurrence makes an alert; or it reopens one that had resolved itself just before, or joins
one that is still unresolved, where the finding says within which time. Another reminder of the
same occurrence moves its alert on, and reopens one that somebody had called resolved. A fire that
is there already changes nothing. Leaves out the database, and who explains whom (inhibition).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from alerts.inbox.model import BY_ITSELF
from alerts.inbox.raising.matter import Matter, matter_of
from alerts.model import Clearing, Finding, SubjectKind

Key = tuple[int, str, SubjectKind, int]
"""Organisation, rule, and subject."""
Act = Finding | Clearing
_BEFORE, _FOUND, _AFTER = 0, 1, 2


@dataclass(slots=True)
class Tally:
    """What came of them, in numbers."""

    raised: int = 0
    reminded: int = 0
    reopened: int = 0
    cleared: int = 0
    repeated: int = 0


@dataclass(slots=True)
class Book:
    """The alerts of one rule and subject, and which of them each known fire belongs to."""

    matters: list[Matter] = field(default_factory=list)
    fires: dict[str, Matter] = field(default_factory=dict)


def key_of(act: Act) -> Key:
    """What an act is about."""
    if isinstance(act, Finding):
        return act.organisation_id, act.rule_code, act.subject.kind, act.subject.id
    return act.organisation_id, act.rule_code, act.subject_kind, act.subject_id


def keys_of(finding: Finding) -> tuple[str, ...]:
    """The fires of a finding, oldest first."""
    return finding.fire_keys or (finding.occurrence,)


def grouped(findings: Iterable[Finding], clearings: Iterable[Clearing]) -> dict[Key, list[Act]]:
    """All acts of each rule and subject, in the order they happened."""
    groups: dict[Key, list[Act]] = {}
    for act in chain[Act](findings, clearings):
        groups.setdefault(key_of(act), []).append(act)
    return {key: in_order(acts) if len(acts) > 1 else acts for key, acts in groups.items()}


def in_order(acts: Sequence[Act]) -> list[Act]:
    """By their instants. What ends an occurrence comes after it, and before the next one."""
    found = {act.occurrence: act.raised_at for act in acts if isinstance(act, Finding)}

    def place(act: Act) -> tuple[datetime, int]:
        if isinstance(act, Finding):
            return act.raised_at, _FOUND
        began_at = found.get(act.occurrence) if act.occurrence is not None else None
        if began_at is None:
            return act.cleared_at, _BEFORE
        return max(act.cleared_at, began_at), _AFTER if act.cleared_at <= began_at else _BEFORE

    return sorted(acts, key=place)


def fold(book: Book, acts: Iterable[Act], tally: Tally, *, now: datetime) -> None:
    """Take the acts of one rule and subject, in order, into its alerts."""
    for act in acts:
        if isinstance(act, Clearing):
            _clear(book, act, tally, now)
        else:
            _find(book, act, tally, now)


def _clear(book: Book, clearing: Clearing, tally: Tally, now: datetime) -> None:
    for matter in book.matters:
        over = matter.cleared_at is not None and not matter.unresolved
        if matter.historical or over:
            continue
        anyone = clearing.occurrence is None and matter.unresolved
        if anyone or matter.occurrence == clearing.occurrence:
            done = matter.clear(clearing.cleared_at, clearing.facts, by=BY_ITSELF, now=now)
            tally.cleared += done


def _find(book: Book, finding: Finding, tally: Tally, now: datetime) -> None:
    keys = list(dict.fromkeys(keys_of(finding)))
    fresh = [key for key in keys if key not in book.fires]
    matter = next((m for m in book.matters if m.occurrence == finding.occurrence), None)
    if not fresh:
        tally.repeated += 1
        if matter is not None:
            _end(matter, finding, tally, now)
        return
    if matter is None:
        matter = next((book.fires[key] for key in keys if key in book.fires), None)
        if matter is not None:  # of an occurrence that is past
            matter.add_fires(finding, fresh, silent=True)
            tally.repeated += 1
        else:
            matter = _place(book, finding, fresh, tally, now)
    else:
        _remind(matter, finding, fresh, tally)
        _end(matter, finding, tally, now)
    book.fires.update(dict.fromkeys(fresh, matter))


def _place(book: Book, finding: Finding, keys: list[str], tally: Tally, now: datetime) -> Matter:
    """Where a new occurrence goes."""
    earlier = None if finding.historical else _goes_on(book, finding)
    if earlier is None:
        matter = matter_of(finding, by=BY_ITSELF, now=now)
        matter.add_fires(finding, keys, silent=finding.historical)
        _born(matter, keys[-1])
        book.matters.append(matter)
        tally.raised += 1
        return matter
    earlier.add_fires(finding, keys)
    earlier.move_to(finding)
    if earlier.unresolved:
        earlier.tell("reminded", keys[-1])
        tally.reminded += 1
    else:
        earlier.reopen(keys[-1], anew=False)
        tally.reopened += 1
    _end(earlier, finding, tally, now)
    return earlier


def _born(matter: Matter, occasion: str) -> None:
    if matter.historical:
        return
    matter.tell("raised", occasion)
    if matter.cleared_at is not None:
        matter.events.append(("cleared", {"cleared_at": matter.cleared_at.isoformat()}))


def _goes_on(book: Book, finding: Finding) -> Matter | None:
    """The alert this occurrence continues: unresolved still, or resolved by itself just before."""
    if finding.reopen_within_s <= 0:
        return None
    within = timedelta(seconds=finding.reopen_within_s)

    def just_ended(matter: Matter) -> bool:
        ended_at = matter.cleared_at if matter.resolved_itself else None
        return ended_at is not None and finding.raised_at - ended_at <= within

    going_on = [
        each
        for each in book.matters
        if not each.historical
        and each.last_raised_at <= finding.raised_at
        and (each.unresolved or just_ended(each))
    ]
    return max(going_on, key=lambda each: (each.unresolved, each.last_raised_at), default=None)


def _remind(matter: Matter, finding: Finding, keys: list[str], tally: Tally) -> None:
    """Further fires of an occurrence that has its alert."""
    if finding.historical or (not matter.unresolved and finding.cleared_at is not None):
        matter.add_fires(finding, keys, silent=True)
        tally.repeated += 1
        return
    matter.add_fires(finding, keys)
    if matter.unresolved and matter.cleared_at is not None:
        matter.reopened += 1  # each return has a name of its own
    matter.move_to(finding)
    if matter.unresolved:
        matter.tell("reminded", keys[-1], stage=matter.stage)
        if matter.state == "open" and matter.escalation == 0 and matter.escalate_at is None:
            matter.escalating = "begins"
        tally.reminded += 1
    else:
        matter.reopen(keys[-1], anew=True)
        tally.reopened += 1


def _end(matter: Matter, finding: Finding, tally: Tally, now: datetime) -> None:
    """A finding that is over already ends what it is about."""
    live = not finding.historical and not matter.historical
    if live and finding.cleared_at is not None and matter.cleared_at is None:
        tally.cleared += matter.clear(finding.cleared_at, {}, by=BY_ITSELF, now=now)


def books_of(stored: Iterable[Matter], fires: Iterable[tuple[Key, str, int]]) -> Mapping[Key, Book]:
    """The books of what is stored: alerts, and to which of them a fire belongs, by its id."""
    books: dict[Key, Book] = {}
    by_id: dict[int, Matter] = {}
    for matter in stored:
        key = (
            matter.organisation_id,
            matter.rule_code,
            matter.subject.kind,
            matter.subject.id,
        )
        books.setdefault(key, Book()).matters.append(matter)
        if matter.id is not None:
            by_id[matter.id] = matter
    for key, fire_key, alert_id in fires:
        books.setdefault(key, Book()).fires[fire_key] = by_id[alert_id]
    return books
