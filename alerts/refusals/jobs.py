"""Applies what was found so that a faulty part stops no other.

What fails is halved, each half under a savepoint of its own, down to the one finding that cannot be
taken; that one is refused. What is no finding's fault is raised, and the caller's transaction with
it. Leaves out what may be blamed (`faults.py`) and keeping it (`service.py`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.raising.folding import Act
from alerts.inbox.service import Applied
from alerts.model import Clearing, Finding
from alerts.refusals import service, store
from alerts.refusals.faults import Reason, message_of, reason_of
from alerts.refusals.model import Source, acts_in_order
from kit.log import get_logger

log = get_logger("alerts")

MOST_TRIED_AGAIN: Final = 100
TRIED_AGAIN_FOR: Final = timedelta(days=7)


@dataclass(slots=True)
class Done:
    """What the inbox took, and how much it did not."""

    applied: Applied = field(default_factory=Applied)
    refused: int = 0


def blame(conn: Connection[Any], fault: Exception) -> Reason | None:
    """Why what was being written may be refused for this; None: it is not to blame."""
    if conn.closed or isinstance(fault, MemoryError):
        return None
    sqlstate = fault.sqlstate if isinstance(fault, psycopg.Error) else None
    lost = isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError)
    return None if lost and sqlstate is None else reason_of(sqlstate)


def apply_all(
    conn: Connection[Any],
    findings: Sequence[Finding],
    clearings: Sequence[Clearing],
    *,
    source: Source,
    now: datetime,
) -> Done:
    """Tell the inbox, within the caller's transaction; what it cannot take is refused.

    Raises: what is no finding's fault: lost connections, dead-locks, tables that are others.
    """
    acts: Sequence[Act] = (*findings, *clearings)
    done = Done()
    fault = _try(conn, findings, clearings, done, now)
    if fault is None:
        if acts:
            service.settle(conn, acts, now=now)
        return done
    log.warning("findings_tried_apart", number=len(acts), fault=message_of(fault))
    waiting = [acts_in_order(findings, clearings)]
    while waiting:
        part = waiting.pop()
        found = [act for act in part if isinstance(act, Finding)]
        over = [act for act in part if isinstance(act, Clearing)]
        fault = _try(conn, found, over, done, now)
        if fault is None:
            service.settle(conn, part, now=now)
        elif len(part) > 1:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
        else:
            _refuse(conn, part[0], fault, source, now)
            done.refused += 1
    return done


def try_again(conn: Connection[Any], *, now: datetime) -> Counter[str]:
    """Findings of telemetry that were refused, once more; how many were taken, and were not."""
    counted: Counter[str] = Counter()
    since = now - TRIED_AGAIN_FOR
    for each in store.take_findings(conn, since=since, most=MOST_TRIED_AGAIN):
        try:
            finding = msgspec.convert(each.matter, Finding)
        except msgspec.ValidationError:
            continue
        refused = apply_all(conn, [finding], [], source=each.source, now=now).refused
        counted["refused" if refused else "taken"] += 1
    return counted


def _try(
    conn: Connection[Any],
    findings: Sequence[Finding],
    clearings: Sequence[Clearing],
    done: Done,
    now: datetime,
) -> Exception | None:
    """Apply a part under a savepoint; the fault if it may be blamed."""
    try:
        with conn.transaction():
            applied = inbox.apply(conn, findings, clearings, now=now)
    except Exception as fault:
        if blame(conn, fault) is None:
            raise
        return fault
    done.applied = _sum(done.applied, applied)
    return None


def _sum(one: Applied, other: Applied) -> Applied:
    counts = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("raised", "reminded", "reopened", "cleared", "repeated")
    }
    return Applied(**counts, told=[*one.told, *other.told])


def _refuse(
    conn: Connection[Any], act: Act, fault: Exception, source: Source, now: datetime
) -> None:
    reason, message = blame(conn, fault) or "program", message_of(fault)
    log.error("finding_refused", rule=act.rule_code, reason=reason, fault=message, exc_info=fault)
    service.refuse(conn, act, source=source, reason=reason, message=message, now=now)
