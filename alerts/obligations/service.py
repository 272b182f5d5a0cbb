"""Finds what has fallen due and what is settled, all organisations at once, and tells the inbox.

A sweep asks what is due now and compares it with what was told. So it may be late, come twice, or
find the clock put back: each reminder is told once, of several that were missed the last, and a
vehicle need not have said anything. Leaves out what is due (`queries.sql`, one statement a source),
when one is reminded (`stages.py`), and what becomes of an alert (`alerts/inbox`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.model import Clearing, Finding
from alerts.obligations import store
from alerts.obligations.asking import KINDS, asked_of, gathered
from alerts.obligations.findings import clearing_of, finding_of, reminders_of
from alerts.obligations.model import Book, Due, NoLonger, Reminder, Swept
from alerts.rules.model import Rule

__all__ = [
    "KINDS",
    "Book",
    "Found",
    "Reminder",
    "Swept",
    "due_between",
    "find",
    "portions",
    "sweep",
    "swept",
]

CHUNK: Final = 2_000
"""Alerts that are written at once: others wait no longer than that takes, a second or so."""
MOST_ITEMS: Final = 100_000


class Found(NamedTuple):
    """What is to be told, and what is settled, nothing of it told yet."""

    due: list[Due]
    gone: list[NoLonger]


def find(conn: Connection[Any], book: Book, *, now: datetime) -> Found:
    """Ask what is due by the rules of the book, and what no longer is.

    By whoever sees all organisations. Writes nothing but temporary tables of its transaction.
    """
    store.ask(conn, asked_of(book), KINDS, now=now)
    store.gather(conn, KINDS, now=now)
    return Found(store.find_due(conn), store.find_gone(conn, KINDS))


def portions(found: Found, *, now: datetime) -> Iterator[tuple[list[Finding], list[Clearing]]]:
    """What was found as the inbox takes it, so much at once that nobody waits for long.

    What is settled comes first. Each portion may be a transaction of its own: what is told twice is
    told once, and what was settled meanwhile is cleared by the next sweep.
    """
    for begin in range(0, len(found.gone), CHUNK):
        yield [], [clearing_of(each, now=now) for each in found.gone[begin : begin + CHUNK]]
    for begin in range(0, len(found.due), CHUNK):
        yield [finding_of(each, now=now) for each in found.due[begin : begin + CHUNK]], []


def swept(found: Found) -> Swept:
    """What was found, counted by kind."""
    counted = Swept()
    for each in found.due:
        if each.alert_id is None:
            counted.raised[each.kind] += 1
        else:
            (counted.again if each.again else counted.reminded)[each.kind] += 1
    counted.cleared.update(each.kind for each in found.gone)
    return counted


def sweep(conn: Connection[Any], book: Book, *, now: datetime) -> Swept:
    """Tell the inbox what is due, and what no longer is, in one transaction.

    Safe to repeat: a second sweep at the same instant, or one at the same time, tells nothing more.
    A process takes the portions apart (`alerts/jobs.py`).
    """
    found = find(conn, book, now=now)
    for findings, clearings in portions(found, now=now):
        inbox.apply(conn, findings, clearings, now=now)
    return swept(found)


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
    store.gather(conn, kinds, now=now)
    found = [
        reminder
        for each in store.list_items(conn, limit=MOST_ITEMS)
        for reminder in reminders_of(each, from_on, until_on)
    ]
    return sorted(found, key=lambda each: (each.on, each.subject_key, each.occurrence))


def _ahead(until_on: date, now: datetime) -> int:
    """How many days ahead to look; a day more, as it may be tomorrow there."""
    return max(0, (until_on - now.date()).days + 1)
