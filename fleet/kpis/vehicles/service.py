"""Answers how much of the fleet is leased, and what stands idle."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.figures import InspectionOverdue
from fleet.kpis import definitions, store
from fleet.kpis.asking.service import asked_of
from fleet.kpis.model import Asked, DaysOf, Idle, IdleVehicle, Utilisation
from fleet.kpis.spans import Span, day_of, span_of
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from schemas.access import Actor


def utilisation(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> Utilisation:
    """出租率: leased vehicle-days of the fleet's, of a month or [from_on, until_on).

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear: these are no days to ask of.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    span = span_of(month_on=month_on, from_on=from_on, until_on=until_on, today=asked.today)
    sums = store.sum_days(conn, asked, span)
    total = DaysOf(None, **sums.pop(None))
    parts = [DaysOf(asked.members[each].code, **of) for each, of in sums.items() if each]
    parts.sort(key=lambda part: str(part.code))
    return Utilisation(definitions.UTILISATION, asked, span, total, tuple(parts))


def idle(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
    now: datetime,
) -> Idle:
    """闲置天数: vehicles without a lease at the end of a day; the next `limit` of them by VIN.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead: the day lies ahead.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    day = day_of(on, today=asked.today)
    span = Span(day, day + timedelta(days=1))
    rows = store.list_idle(
        conn, asked, span, inspection_blocks=_inspection_blocks(conn, asked, day)
    )
    vehicles = _vehicles(conn, asked, day, rows)
    following = [each for each in vehicles if after is None or each.vin > after]
    counts = {
        name: [each.days for each in vehicles if each.sellable == sellable]
        for name, sellable in (("sellable", True), ("not_sellable", False))
    }
    return Idle(
        definition=definitions.IDLE,
        asked=asked,
        on=day,
        sellable=len(counts["sellable"]),
        sellable_days=sum(counts["sellable"]),
        not_sellable=len(counts["not_sellable"]),
        not_sellable_days=sum(counts["not_sellable"]),
        vehicles=tuple(following[:limit]),
        more=len(following) > limit,
    )


def _inspection_blocks(conn: Connection[Any], asked: Asked, on: date) -> bool:
    tenant_id = asked.tenant_id or 0
    return parameters.figures(conn, InspectionOverdue, tenant_id=tenant_id, on=on).blocks_hand_over


def _vehicles(
    conn: Connection[Any], asked: Asked, on: date, rows: Sequence[store.IdleRow]
) -> list[IdleVehicle]:
    names = store.name_vehicles(conn, [row.vehicle_id for row in rows])
    vehicles = []
    for row in rows:
        name, since_on = names[row.vehicle_id], local_day(row.since_at, asked.zone)
        vehicles.append(
            IdleVehicle(
                vin=name.vin,
                plate=name.plate,
                model=name.model,
                organisation_code=asked.members[row.organisation_id].code,
                stage=row.stage,
                since_on=since_on,
                days=max(0, (on - since_on).days),
                sellable=row.sellable,
            )
        )
    return sorted(vehicles, key=lambda vehicle: vehicle.vin)
