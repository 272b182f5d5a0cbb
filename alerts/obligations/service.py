"""Finds what has fallen due and what is settled, all organisations at once, and tells the inbox.

A sweep asks what is due now and compares it with what was told. So it may be late, come twice, or
find the clock put back: each reminder is told once, of several that were missed the last, and a
vehicle need not have said anything. Leaves out what is due (`queries.sql`, one statement a source),
when one is reminded (`stages.py`), and what becomes of an alert (`alerts/inbox`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.model import Clearing, Finding
from alerts.obligations import store
from alerts.obligations.asking import KINDS, asked_of, gathered
from alerts.obligations.findings import clearing_of, finding_of, reminders_of
from alerts.obligations.model import Book, Due, NoLonger, Reminder, Swept
from alerts.rules.model import Rule

__all__ = ["KINDS", "Book", "Reminder", "Swept", "due_between", "sweep"]

CHUNK: Final = 5_000
"""Alerts that are written at once: bounds the memory of a first sweep."""
MOST_ITEMS: Final = 100_000


def sweep(conn: Connection[Any], book: Book, *, now: datetime) -> Swept:
    """Tell the inbox what is due by the rules of the book, and what no longer is.

    Within one transaction, by whoever sees all organisations. Safe to repeat: a second sweep at the
    same instant, or one at the same time, tells nothing more.
    """
    due, gone = find(conn, book, now=now)
    for begin in range(0, len(gone), CHUNK):
        part = [clearing_of(each, now=now) for each in gone[begin : begin + CHUNK]]
        _apply(conn, [], part, now)
    for begin in range(0, len(due), CHUNK):
        found = [finding_of(each, now=now) for each in due[begin : begin + CHUNK]]
        _apply(conn, found, [], now)
    return _swept(due, gone)


def find(conn: Connection[Any], book: Book, *, now: datetime) -> tuple[list[Due], list[NoLonger]]:
    """What is to be told and what is settled, nothing of it told yet."""
    store.ask(conn, asked_of(book), KINDS, now=now)
    store.gather(conn, KINDS, now=now)
    return store.find_due(conn), store.find_gone(conn, KINDS)


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


def _apply(
    conn: Connection[Any],
    findings: Sequence[Finding],
    clearings: Sequence[Clearing],
    now: datetime,
) -> None:
    inbox.apply(conn, findings, clearings, now=now)


def _swept(due: Sequence[Due], gone: Sequence[NoLonger]) -> Swept:
    swept = Swept()
    for each in due:
        if each.alert_id is None:
            swept.raised[each.kind] += 1
        else:
            (swept.again if each.again else swept.reminded)[each.kind] += 1
    swept.cleared.update(each.kind for each in gone)
    return swept
