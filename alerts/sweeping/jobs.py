"""Finds what is due by all rules, but by those that fail.

All are asked at once; should that fail, kind by kind, and within a kind half by half, each under a
savepoint, down to the one rule of one organisation. What it had told stands meanwhile. Leaves out
what is due (`alerts/obligations`) and keeping what failed (`alerts/refusals`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.obligations import service as obligations
from alerts.obligations.service import Book, Found, Portion, Swept
from alerts.refusals import service as refusals
from alerts.refusals.faults import message_of
from alerts.refusals.jobs import apply_all, blame
from alerts.refusals.service import RuleKey
from alerts.rules.model import Rule
from kit.log import get_logger

log = get_logger("alerts")


@dataclass(slots=True)
class Asked:
    """What is due and what no longer is, and the rules that could not be asked."""

    found: Found
    faults: dict[RuleKey, str] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last number of what has no alert yet."""
        return self.found.new[-1][1] if self.found.new else 0


@dataclass(frozen=True, slots=True)
class _Some:
    """Some rules of one kind."""

    book: Book
    rules: Sequence[Rule]

    def enabled(self, kind: str) -> Iterable[Rule]:
        return [rule for rule in self.rules if rule.kind.name == kind]

    def members(self, rule: Rule) -> frozenset[int] | None:
        return self.book.members(rule)


def ask(conn: Connection[Any], book: Book, *, now: datetime) -> Asked:
    """Ask by all rules that do not fail.

    Raises: what is no rule's fault; see `refusals.jobs.blame`.
    """
    found = _try(conn, book, obligations.KINDS, now)
    if isinstance(found, Found):
        return Asked(found)
    log.warning("rules_asked_apart", fault=message_of(found))
    asked = Asked(Found([], [], [], Swept()))
    for kind in obligations.KINDS:
        part = _of_kind(conn, book, kind, now, asked)
        asked.found = _both(asked.found, part)
    return asked


def tell(conn: Connection[Any], portion: Portion, *, now: datetime) -> int:
    """Tell the inbox a portion, within the caller's transaction; how much of it was refused.

    Raises: what is no finding's fault; see `refusals.jobs.blame`.
    """
    if portion.new is None:
        done = apply_all(conn, portion.findings, portion.clearings, source="sweep", now=now)
        return done.refused
    try:
        with conn.transaction():
            obligations.tell(conn, portion, now=now)
    except Exception as fault:
        if blame(conn, fault) is None:
            raise
        findings = obligations.findings_in(conn, portion)
        return apply_all(conn, findings, (), source="sweep", now=now).refused
    if refusals.count_open(conn):
        refusals.settle(conn, obligations.findings_in(conn, portion), now=now)
    return 0


def _of_kind(conn: Connection[Any], book: Book, kind: str, now: datetime, asked: Asked) -> Found:
    found = _try(conn, book, (kind,), now, asked.last)
    if isinstance(found, Found):
        return found
    broken: set[RuleKey] = set()
    waiting = [list(book.enabled(kind))]
    while waiting:
        some = waiting.pop()
        failed = _try(conn, _Some(book, some), (kind,), now, asked.last) if some else None
        if not isinstance(failed, Exception):
            continue
        if len(some) > 1:
            waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
            continue
        key = (some[0].organisation_id, some[0].code)
        log.error("rule_not_asked", organisation_id=key[0], rule=key[1], fault=message_of(failed))
        asked.faults[key] = message_of(failed)
        broken.add(key)
    others = [
        rule for rule in book.enabled(kind) if (rule.organisation_id, rule.code) not in broken
    ]
    found = _try(conn, _Some(book, others), (kind,), now, asked.last)
    if not isinstance(found, Found):
        raise found
    stands = [each for each in found.gone if (each.organisation_id, each.rule_code) not in broken]
    counted = replace(found.counted, cleared=Counter(each.kind for each in stands))
    return found._replace(gone=stands, counted=counted)


def _try(
    conn: Connection[Any], book: Book, kinds: Sequence[str], now: datetime, after: int = 0
) -> Found | Exception:
    try:
        with conn.transaction():
            return obligations.find(conn, book, kinds=kinds, after=after, now=now)
    except Exception as fault:
        if blame(conn, fault) is None:
            raise
        return fault


def _both(one: Found, other: Found) -> Found:
    return Found(
        new=one.new + other.new,
        known=one.known + other.known,
        gone=one.gone + other.gone,
        counted=one.counted + other.counted,
    )
