"""Keeps what was refused, and says what is.

The same refused again is one row that counts. It stands open until it is taken, is over, or its
rule can be judged again. Leaves out finding out what is to blame (`jobs.py`), and what members of
an organisation may see of it (`reading`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.raising.folding import Act
from alerts.refusals import store
from alerts.refusals.faults import Reason
from alerts.refusals.model import (
    RefusalRow,
    RuleKey,
    Source,
    key_of_act,
    refusal_of,
    refusal_of_rule,
)
from alerts.refusals.reading.service import ShownRefusal, get_refusal, list_refusals

__all__ = ["RefusalRow", "RuleKey", "ShownRefusal", "Source", "count_open", "delete_old"]
__all__ += ["get_refusal", "list_open", "list_refusals", "refuse", "refuse_rules", "settle"]
__all__ += ["settle_rules"]

_KINDS: Final = ("finding", "clearing")


def refuse(
    conn: Connection[Any],
    act: Act,
    *,
    source: Source,
    reason: Reason,
    message: str,
    now: datetime,
) -> None:
    """Keep a finding or clearing that could not be taken."""
    store.insert_refusals(conn, [refusal_of(act, source, reason, message)], now=now)


def refuse_rules(
    conn: Connection[Any], faults: Mapping[RuleKey, str], *, source: Source, now: datetime
) -> None:
    """Keep which rules could not be judged, and why."""
    refusals = [refusal_of_rule(rule, source, message) for rule, message in faults.items()]
    if refusals:
        store.insert_refusals(conn, refusals, now=now)


def settle(conn: Connection[Any], acts: Iterable[Act], *, now: datetime) -> int:
    """These were taken: what was refused of them before is settled; how much that was."""
    keys = {f"{kind}:{key_of_act(act)}" for act in acts for kind in _KINDS}
    return store.mark_settled(conn, keys, now=now) if keys else 0


def settle_rules(
    conn: Connection[Any], source: Source, broken: Collection[RuleKey], *, now: datetime
) -> int:
    """All rules but these could be judged; how many could not before."""
    keys = [refusal_of_rule(rule, source, "").key for rule in broken]
    return store.settle_rules(conn, source, keys, now=now)


def list_open(conn: Connection[Any], *, limit: int) -> list[RefusalRow]:
    """What is refused and not settled, the last refused first."""
    return store.list_open(conn, limit=limit)


def count_open(conn: Connection[Any]) -> int:
    """How much is refused and not settled."""
    return store.count_open(conn)


def delete_old(conn: Connection[Any], *, before: datetime, most: int) -> int:
    """Delete refusals that were last refused before, so many at most; how many."""
    return store.delete_old(conn, before=before, most=most)
