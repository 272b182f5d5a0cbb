"""Gathers all that is known of what vehicles earned and cost in a span, vehicle by vehicle.

Purchases and costs are told to who may see them, else they are not known. Leaves out what counts as
profit (`fleet/usage/profit.py`) and all vehicles together (`fleet/kpis/totalling`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from fleet.earnings import service as earnings
from fleet.kpis import store
from fleet.kpis.model import Asked
from fleet.kpis.spans import Span
from fleet.lives import service as lives
from fleet.shares import service as shares
from fleet.usage import service as usage
from fleet.usage.service import Income, Outlay
from schemas.access import Actor

Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class VehicleProfit:
    """What a vehicle brought in and cost, as far as is known, and its days.

    `organisation_code`: who had it last in the span, of those asked about.
    """

    vin: str
    plate: str | None
    model: str | None
    organisation_code: str | None
    fleet_days: int
    leased_days: int
    income: Income
    outlay: Outlay

    @property
    def profit_fen(self) -> int:
        """What is left; at most this where something is not known."""
        return usage.profit_fen(self.income, self.outlay)


@dataclass(frozen=True, slots=True)
class Books:
    """All that is known of some vehicles in a span."""

    asked: Asked
    names: Mapping[int, store.VehicleName]
    days: Mapping[int, Sequence[store.VehicleDays]]
    income: Mapping[int, Income]
    costs: Mapping[int, Mapping[str, int]] | None
    depreciation: Mapping[int, int]
    commission: Mapping[int, int]
    unsettled: frozenset[int]

    def _code_of(self, days: store.VehicleDays) -> str:
        return self.asked.members[days.organisation_id].code

    def outlay_of(self, vehicle_id: int) -> Outlay:
        """What a vehicle cost."""
        commission = self.commission.get(vehicle_id, 0)
        return usage.outlay_of(
            None if self.costs is None else self.costs.get(vehicle_id, {}),
            depreciation_fen=self.depreciation.get(vehicle_id),
            commission_fen=None if vehicle_id in self.unsettled else commission,
        )

    def told(self, vehicle_id: int) -> VehicleProfit:
        """One vehicle."""
        name = self.names[vehicle_id]
        days = self.days.get(vehicle_id, ())
        holder = max(days, key=lambda each: each.fleet_days, default=None)
        return VehicleProfit(
            vin=name.vin,
            plate=name.plate,
            model=name.model,
            organisation_code=None if holder is None else self._code_of(holder),
            fleet_days=sum(each.fleet_days for each in days),
            leased_days=sum(each.leased_days for each in days),
            income=self.income.get(vehicle_id, Income()),
            outlay=self.outlay_of(vehicle_id),
        )


def books_of(conn: Connection[Any], actor: Actor, asked: Asked, span: Span, ids: Ids) -> Books:
    """What is known of these vehicles in the span; costs to who may see them."""
    days: dict[int, list[store.VehicleDays]] = {}
    for row in store.list_vehicle_days(conn, asked, span, ids):
        days.setdefault(row.vehicle_id, []).append(row)
    costs = _costs(conn, asked, span, ids) if actor.may("cost.read") else None
    depreciation = _depreciation(conn, asked, span, ids) if actor.may("purchase.read") else {}
    settled = settled_in(conn, asked, span)
    names = store.name_vehicles(conn, ids)
    received = {each: settled.received_fen.get(name.vin, 0) for each, name in names.items()}
    return Books(
        asked=asked,
        names=names,
        days=days,
        income=_with_shares(_income(conn, asked, span, ids), received),
        costs=costs,
        depreciation=depreciation,
        commission={each: settled.owed_fen.get(name.vin, 0) for each, name in names.items()},
        unsettled=frozenset(
            vehicle_id
            for vehicle_id, rows in days.items()
            if any((row.owner_id, row.organisation_id) in settled.unsettled for row in rows)
        ),
    )


def settled_in(conn: Connection[Any], asked: Asked, span: Span) -> store.Settled:
    """What was settled with others: received as owner, owed as operator; and what is agreed on, and
    not settled yet."""
    asked_for: dict[str, Any] = {
        "scope": asked.scope,
        "from_on": span.from_on,
        "until_on": span.until_on,
        "known_at": asked.known_at,
    }
    received: dict[str, int] = {}
    owed: dict[str, int] = {}
    for row in shares.list_settled(conn, **asked_for):
        side = received if row.organisation_id in asked.members else owed
        side[row.vin] = side.get(row.vin, 0) + row.amount_fen
    months = shares.list_unsettled(conn, **asked_for)
    pairs = {(month.owner_id, holder) for month in months for holder in month.holder_ids}
    return store.Settled(received, owed, pairs)


def depreciation_in(facts: lives.PurchaseFacts, span: Span) -> int:
    """What was written off in the span of something bought so, in fen."""
    before, last = span.from_on - timedelta(days=1), span.until_on - timedelta(days=1)
    return facts.book_value_fen(before) - facts.book_value_fen(last)


def _income(conn: Connection[Any], asked: Asked, span: Span, ids: Ids) -> dict[int, Income]:
    rows = earnings.list_earned(
        conn,
        by=["vehicle", "kind"],
        scope=asked.scope,
        from_on=span.from_on,
        until_on=span.until_on,
        known_at=asked.known_at,
        vehicle_ids=ids,
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        assert row.vehicle_id is not None and row.kind is not None
        sums = found.setdefault(row.vehicle_id, {})
        origin = earnings.origin_of(row.kind)
        sums[origin] = sums.get(origin, 0) + row.net_fen
    return {
        each: Income(sums.get("rent", 0), sums.get("recharge", 0), sums.get("purchase", 0))
        for each, sums in found.items()
    }


def _costs(conn: Connection[Any], asked: Asked, span: Span, ids: Ids) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for vehicle_id, kind, amount_fen in store.list_costs(conn, asked, span, ids):
        found.setdefault(vehicle_id, {})[kind] = amount_fen
    return found


def _depreciation(conn: Connection[Any], asked: Asked, span: Span, ids: Ids) -> dict[int, int]:
    """What was written off in the span, by vehicle."""
    found = {}
    for bought in store.list_purchases(conn, asked, ids):
        facts = lives.PurchaseFacts(
            purchased_on=bought.purchased_on.replace(day=1),
            price_fen=bought.price_fen,
            depreciation_method=bought.depreciation_method,
            useful_life_months=bought.useful_life_months,
            residual_pct=bought.residual_pct,
        )
        found[bought.vehicle_id] = depreciation_in(facts, span)
    return found


def _with_shares(income: Mapping[int, Income], received: Mapping[int, int]) -> dict[int, Income]:
    return {
        each: replace(income.get(each, Income()), shares_fen=received.get(each, 0))
        for each in {*income, *received}
    }
