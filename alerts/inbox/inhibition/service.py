"""Decides whom an unresolved alert keeps silent, and what is told once it is over.

An alert of a kind that another kind explains (`Kind.inhibited_by`) is inhibited while one of those
is unresolved of the same vehicle in the same organisation; so is what came just before and nobody
was told of yet. It is in the inbox all the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.escalation import service as escalation
from alerts.inbox.history import service as history
from alerts.inbox.history.service import Happened
from alerts.inbox.inhibition import store
from alerts.inbox.model import Told
from alerts.rules.kinds import KINDS

__all__ = ["explain", "release"]

PAIRS: Final = [
    {"kind": kind.name, "inhibitor": inhibitor}
    for kind in KINDS.values()
    for inhibitor in sorted(kind.inhibited_by)
]
INHIBITED: Final = frozenset(pair["kind"] for pair in PAIRS)
INHIBITORS: Final = frozenset(pair["inhibitor"] for pair in PAIRS)


def explain(
    conn: Connection[Any], alerts: Sequence[tuple[int, str, int | None]], *, now: datetime
) -> set[int]:
    """Mark what is explained, of alerts that just came (id, kind, vehicle); ids of all marked."""
    ids = [alert_id for alert_id, kind, vehicle_id in alerts if vehicle_id and kind in INHIBITED]
    vehicles = {vehicle_id for _, kind, vehicle_id in alerts if vehicle_id and kind in INHIBITORS}
    if not ids and not vehicles:
        return set()
    found = store.list_explained(conn, PAIRS, ids, sorted(vehicles))
    if found:
        store.mark_inhibited(conn, [(each.id, each.inhibitor_id) for each in found])
        happened = [
            Happened(
                each.tenant_id,
                each.organisation_id,
                each.id,
                "inhibited",
                {"alert_no": each.inhibitor_no},
            )
            for each in found
        ]
        history.write_down(conn, happened, at=now)
    return {each.id for each in found}


def release(
    conn: Connection[Any], inhibitor_ids: Sequence[int] | None, *, now: datetime
) -> list[Told]:
    """Let be told what these alerts explained and no longer do; None: whichever are resolved."""
    if inhibitor_ids is not None and not inhibitor_ids:
        return []
    found = store.list_released(conn, PAIRS, inhibitor_ids)
    if not found:
        return []
    store.mark_inhibited(conn, [(each.id, each.inhibitor_id) for each in found])
    free = [each for each in found if each.inhibitor_id is None]
    escalation.move_on(conn, [each.id for each in free], now=now)
    happened = [
        Happened(
            each.tenant_id,
            each.organisation_id,
            each.id,
            "released",
            {"alert_no": each.released_by},
        )
        for each in free
    ]
    history.write_down(conn, happened, at=now)
    return [
        Told(
            tenant_id=each.tenant_id,
            organisation_id=each.organisation_id,
            alert_id=each.id,
            alert_no=each.alert_no,
            kind=each.kind,
            rule_code=each.rule_code,
            severity=each.severity,
            purpose="released",
            occasion=f"released:{each.version}",
        )
        for each in free
        if each.snoozed_until is None or each.snoozed_until <= now
    ]
