"""Reckons what a month of an agreement comes to, vehicle by vehicle, and corrects settled months.

The vehicles are the owner's that the operator, or those below it, had at the end of a day of the
month; and those that still brought something in. A settled month is reckoned again for a year: what
is otherwise now is told as a correction. Writes nothing.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.earnings import service as earnings
from fleet.local_days import DEFAULT_ZONE
from fleet.months import add_months
from fleet.shares import store
from fleet.shares.amounts import differences, due_of, total_of
from fleet.shares.errors import ShareOperatorOutOfSight
from fleet.shares.model import Agreement, Correction, Settlement, Statement, VehicleShare

CORRECTED_MONTHS: Final = 12
"""How far back settled months are reckoned again."""


def statement_of(
    conn: Connection[Any], agreement: Agreement, month_on: date, *, now: datetime
) -> Statement:
    """What the month comes to by what is known now.

    Raises:
        ShareOperatorOutOfSight: what the operator earned is not in sight.
    """
    if agreement.operator_code is None:
        raise ShareOperatorOutOfSight("the operator is not in sight", key=str(agreement.key))
    vehicles = _reckoned(conn, agreement, month_on, now=now)
    settled = store.list_settlements(conn, {"agreement_id": agreement.id}, limit=1_000)
    earliest = add_months(month_on, -CORRECTED_MONTHS)
    corrections = [
        correction
        for past in sorted(each.month_on for each in settled if each.month_on != month_on)
        if past >= earliest
        for correction in _corrections(past, settled, _reckoned(conn, agreement, past, now=now))
    ]
    carried_in_fen = int(settled[0].content["carried_out_fen"]) if settled else 0
    total = total_of(
        sum(each.due.amount_fen for each in vehicles),
        sum(each.amount_fen for each in corrections),
        carried_in_fen,
    )
    return Statement(
        agreement=agreement,
        month_on=month_on,
        vehicles=tuple(vehicles),
        corrections=tuple(corrections),
        carried_in_fen=carried_in_fen,
        amount_fen=total.amount_fen,
        carried_out_fen=total.carried_out_fen,
    )


def _reckoned(
    conn: Connection[Any], agreement: Agreement, month_on: date, *, now: datetime
) -> list[VehicleShare]:
    """Vehicle by vehicle, by VIN."""
    scope = store.list_below(conn, agreement.operator_id)
    until_on = add_months(month_on, 1)
    span: dict[str, Any] = {"scope": scope, "from_on": month_on, "until_on": until_on}
    basis: dict[int, int]
    if agreement.basis == "earned":
        rows = earnings.list_earned(conn, by=["vehicle"], **span, known_at=now)
        basis = {row.vehicle_id: row.net_fen for row in rows if row.vehicle_id is not None}
    else:
        basis = earnings.list_received(conn, **span, known_at=now)
    moved = [vehicle_id for vehicle_id, net_fen in basis.items() if net_fen]
    asked = {"owner_id": agreement.organisation_id, "vehicle_ids": moved}
    zone = {"zone": agreement.operator_zone or DEFAULT_ZONE}
    of_days = monthrange(month_on.year, month_on.month)[1]
    return [
        VehicleShare(
            vin=held.vin,
            plate=held.plate,
            days=held.days,
            of_days=of_days,
            basis_fen=basis.get(held.vehicle_id, 0),
            due=due_of(
                agreement.rule,
                basis_fen=basis.get(held.vehicle_id, 0),
                days=held.days,
                of_days=of_days,
            ),
        )
        for held in store.list_held(conn, {**span, **asked, **zone})
    ]


def _corrections(
    month_on: date, settled: Iterable[Settlement], vehicles: Iterable[VehicleShare]
) -> list[Correction]:
    """What was settled for the month, corrections of it included, against what it is now."""
    was: dict[str, int] = {}
    for settlement in settled:
        if settlement.month_on == month_on:
            for line in settlement.content["vehicles"]:
                was[line["vin"]] = was.get(line["vin"], 0) + line["amount_fen"]
        for line in settlement.content["corrections"]:
            if line["month_on"] == month_on.isoformat():
                was[line["vin"]] = was.get(line["vin"], 0) + line["amount_fen"]
    now_is = {each.vin: each.due.amount_fen for each in vehicles}
    return [Correction(month_on, *each) for each in differences(was, now_is)]
