"""Begins and ends every record of a paper: whose vehicle it is, its cost, the trail, what is due.

Leaves out the records themselves: `recording`, `insurance`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import store
from fleet.compliance.obligations.service import refresh_papers
from fleet.compliance.records import COST_KINDS, SubjectKind
from fleet.costs import service as costs
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.registry import service as registry
from schemas.access import Actor

_UNTOLD: Final = frozenset({"version", "insured", "note", "voided_at", "withdrawn_at"})
"""Not in the audit trail: what may name a person, and what the entry says itself."""


class Act(NamedTuple):
    """Somebody writes about a vehicle of theirs, on a day there."""

    conn: Connection[Any]
    actor: Actor
    vehicle: registry.Vehicle
    zone: str
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    def about(self) -> dict[str, Any]:
        """What every row of a paper begins with."""
        return {
            "tenant_id": self.vehicle.tenant_id,
            "organisation_id": self.vehicle.holder_id,
            "vehicle_id": self.vehicle.id,
            "recorded_by": self.actor.name,
            "recorded_at": self.now,
        }


def begin(conn: Connection[Any], actor: Actor, vin: str, now: datetime) -> Act:
    """The actor may write about the vehicle.

    Raises:
        PermissionMissing: their roles do not allow it.
        VehicleNotFound, VehicleNotYours: it is not theirs.
    """
    actor.require("paper.record")
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    zone = store.find_zone(conn, vehicle.holder_id) or DEFAULT_ZONE
    return Act(conn, actor, vehicle, zone, now)


def spend(
    act: Act, subject_kind: SubjectKind, key: str, *, amount_fen: int | None, on: date
) -> None:
    """What the record cost; None leaves what is known."""
    if amount_fen is not None:
        costs.set_cost(
            act.conn,
            act.actor,
            vehicle=act.vehicle,
            kind=COST_KINDS[subject_kind],
            amount_fen=amount_fen,
            incurred_on=on,
            subject_kind=subject_kind,
            subject_key=key,
            now=act.now,
        )


def finish(
    act: Act,
    action: str,
    object_kind: str,
    key: str,
    *,
    before: Any = None,
    after: Any = None,
    **told: Any,
) -> None:
    """Write the trail and what is due now. `before`, `after`: papers; `told`: further facts."""
    further = {name: fact for name, fact in told.items() if fact is not None}
    audit.record(
        act.conn,
        act.actor,
        action,
        object_kind=object_kind,
        object_key=key,
        now=act.now,
        before=None if before is None else {"vin": act.vehicle.vin, **facts_of(before)},
        after=None if after is None else {"vin": act.vehicle.vin, **facts_of(after), **further},
        organisation_id=act.vehicle.tenant_id,
    )
    refresh_papers(act.conn, vehicle_ids=[act.vehicle.id], now=act.now)


def facts_of(paper: Any) -> dict[str, Any]:
    """A paper as the audit trail tells it: what it says and is not empty, as JSON holds it."""
    told: Mapping[str, Any] = asdict(paper)
    return {
        name: _plain(fact)
        for name, fact in told.items()
        if name not in _UNTOLD and fact is not None and fact != ()
    }


def _plain(fact: Any) -> Any:
    if isinstance(fact, date):
        return fact.isoformat()
    if isinstance(fact, Decimal):
        return float(fact)
    return list(fact) if isinstance(fact, tuple) else fact
