"""Finds what has fallen due and what is settled, all organisations at once, and tells the inbox.

A sweep asks what is due now and compares it with what was told. So it may be late, come twice, or
find the clock put back: each reminder is told once, of several that were missed the last, and a
vehicle need not have said anything. Leaves out what is due (`sources`, one statement a source),
when one is reminded (`stages.py`), and what becomes of an alert (`alerts/inbox`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import Applied
from alerts.model import Clearing, Finding
from alerts.obligations import store
from alerts.obligations.asking import KINDS, asked_of, gathered
from alerts.obligations.findings import clearing_of, decided, reminders_of
from alerts.obligations.model import Book, NoLonger, Reminder, Swept
from alerts.obligations.sources import store as sources
from alerts.rules.model import Rule

__all__ = [
    "KINDS",
    "Book",
    "Found",
    "Portion",
    "Reminder",
    "Swept",
    "due_between",
    "find",
    "findings_in",
    "portions",
    "sweep",
    "tell",
]

CHUNK: Final = 2_000
"""Alerts that are written at once: others wait no longer than that takes, a second or so."""
MOST_ITEMS: Final = 100_000


class Found(NamedTuple):
    """What is to be told, and what is settled, nothing of it told yet.

    What there is no alert of yet lies in the database, for the session that found it: `new` are its
    numbers, [first, last].
    """

    new: list[tuple[int, int]]
    known: list[Finding]
    gone: list[NoLonger]
    counted: Swept


class Portion(NamedTuple):
    """As much of it as is told at once. `new`: the numbers [first, last] of what has no alert."""

    new: tuple[int, int] | None = None
    findings: Sequence[Finding] = ()
    clearings: Sequence[Clearing] = ()


def find(
    conn: Connection[Any],
    book: Book,
    *,
    kinds: Collection[str] = KINDS,
    after: int = 0,
    now: datetime,
) -> Found:
    """Ask what is due by the rules of the book, and what no longer is.

    By whoever sees all organisations. Writes nothing but temporary tables of its session. What was
    found before and has a number up to `after` stays.
    """
    asked = asked_of(book, kinds)
    store.ask(conn, asked, kinds, now=now)
    sources.gather(conn, kinds, now=now)
    by_no = {each.rule_no: each for each in asked}
    cases = store.pick_due(conn)
    told = [decided(case, by_no[case.rule_no]) for case in cases]
    store.assemble(conn, told, after=after, now=now)
    gone = store.find_gone(conn, kinds)
    counted = Swept()
    for kind, what, number in store.count_told(conn):
        counted.of(what)[kind] += number
    counted.cleared.update(each.kind for each in gone)
    last = after + counted.raised.total()
    new = [(after + 1, last)] if last > after else []
    return Found(new, store.list_findings(conn, first=last + 1), gone, counted)


def portions(found: Found, *, now: datetime) -> Iterator[Portion]:
    """What was found, so much at once that nobody waits for long.

    What is settled comes first. Each portion may be a transaction of its own: what is told twice is
    told once, and what was settled meanwhile is cleared by the next sweep.
    """
    for begin in range(0, len(found.gone), CHUNK):
        gone = found.gone[begin : begin + CHUNK]
        yield Portion(clearings=[clearing_of(each, now=now) for each in gone])
    for begin in range(0, len(found.known), CHUNK):
        yield Portion(findings=found.known[begin : begin + CHUNK])
    for first, last in found.new:
        for begin in range(first, last + 1, CHUNK):
            yield Portion(new=(begin, min(begin + CHUNK - 1, last)))


def tell(conn: Connection[Any], portion: Portion, *, now: datetime) -> Applied:
    """Tell the inbox a portion, in the session that found it."""
    if portion.new is not None:
        return inbox.raise_found(conn, first=portion.new[0], last=portion.new[1], now=now)
    return inbox.apply(conn, portion.findings, portion.clearings, now=now)


def findings_in(conn: Connection[Any], portion: Portion) -> Sequence[Finding]:
    """The findings of a portion one by one, in the session that found it."""
    if portion.new is None:
        return portion.findings
    return store.list_findings(conn, first=portion.new[0], last=portion.new[1])


def sweep(conn: Connection[Any], book: Book, *, now: datetime) -> Swept:
    """Tell the inbox what is due, and what no longer is, in one transaction.

    Safe to repeat: a second sweep at the same instant, or one at the same time, tells nothing more.
    A process takes the portions apart (`alerts/jobs.py`).
    """
    found = find(conn, book, now=now)
    for portion in portions(found, now=now):
        tell(conn, portion, now=now)
    return found.counted


def due_between(
    conn: Connection[Any],
    rule: Rule,
    *,
    from_on: date,
    until_on: date,
    members: frozenset[int] | None = None,
    now: datetime,
) -> list[Reminder]:
    """Which reminders a rule would tell on each day of [from_on, until_on], the first first.

    For the organisation of the rule and those below it, as far as they are in sight. Told is what
    is open now: of days that are past, what was settled since is not known. `members` are the
    vehicles of the groups in its scope. What has no day (a charge, kilometres) is told today.
    """
    below = store.list_below(conn, rule.organisation_id)
    rules = [(replace(rule, organisation_id=each), members) for each in below]
    kinds = (rule.kind.name,)
    store.ask(conn, gathered(rules), kinds, ahead_days=_ahead(until_on, now), now=now)
    sources.gather(conn, kinds, now=now)
    found = [
        reminder
        for each in store.list_items(conn, limit=MOST_ITEMS)
        for reminder in reminders_of(each, from_on, until_on)
    ]
    return sorted(found, key=lambda each: (each.on, each.subject_key, each.occurrence))


def _ahead(until_on: date, now: datetime) -> int:
    """How many days ahead to look; a day more, as it may be tomorrow there."""
    return max(0, (until_on - now.date()).days + 1)
