"""Reads rules for programs, not for people: the whole book, and who names a group or a place."""

from collections.abc import Callable
from typing import Any, Final

from psycopg import Connection

from alerts.rules import store
from alerts.rules.book import RuleBook, write_book
from alerts.rules.inheritance import read_set_rule
from alerts.rules.model import Acted
from kit import clock

ASKED_EVERY_S: Final = 2.0
"""How often whoever keeps a book asks whether there is a newer one."""


def rules_naming_group(conn: Connection[Any], acted: Acted, code: str) -> list[str]:
    """Live rules, here and below, whose scope names the group, as `organisation/code`."""
    return ["/".join(pair) for pair in store.list_rules_naming_group(conn, acted.id, code)]


def rules_naming_geofence(conn: Connection[Any], acted: Acted, code: str) -> list[str]:
    """Live rules, here and below, that are about the place, as `organisation/code`."""
    return ["/".join(pair) for pair in store.list_rules_naming_geofence(conn, acted.id, code)]


def book_revision(conn: Connection[Any]) -> str:
    """What a book read now would be called: differs from an earlier one's if anything changed.

    For whoever sees everything, as `all_rules`.
    """
    return store.read_revision(conn)


def all_rules(conn: Connection[Any]) -> RuleBook:
    """All rules of all organisations with the groups and places they name, in five queries.

    For whoever sees everything: under row security the book is not whole.
    """
    revision = store.read_revision(conn)  # first: what changes meanwhile is read again next time
    return write_book(
        revision,
        store.list_organisations(conn),
        map(read_set_rule, store.list_live_rules(conn)),
        store.list_live_geofences(conn),
        store.list_live_groups(conn),
    )


class BookShelf:
    """Keeps the book of rules between two looks at it, and reads it anew when something changed.

    Of one thread. A change is seen within two seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._monotonic = monotonic
        self._book: RuleBook | None = None
        self._asked_at = 0.0

    def book(self, conn: Connection[Any]) -> RuleBook:
        """The rules that hold."""
        at = self._monotonic()
        if self._book is not None and at < self._asked_at + ASKED_EVERY_S:
            return self._book
        if self._book is None or book_revision(conn) != self._book.revision:
            self._book = all_rules(conn)
        self._asked_at = at
        return self._book
