"""Gathers all that is known of what vehicles earned and cost in a span, vehicle by vehicle.

Purchases and costs are told to who may see them, else they are not known. Leaves out what counts as
profit: `fleet/usage/profit.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
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

Ids = Sequence[int] | None


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
    """All that is known of vehicles in a span; names where they were asked for one by one."""

    asked: Asked
    names: Mapping[int, store.VehicleName]
    days: Mapping[int, Sequence[store.VehicleDays]]
    income: Mapping[int, Income]
    of_no_vehicle: Income
    costs: Mapping[int, Mapping[str, int]] | None
    depreciation: Mapping[int, int]
    commission: Mapping[int, int]
    unsettled: frozenset[int]

    @property
    def vehicle_ids(self) -> list[int]:
        """Every vehicle that was there, earned or cost something."""
        return sorted({*self.days, *self.income, *(self.costs or {})})

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
    """What is known of these vehicles, or of all, in the span; costs to who may see them."""
    days: dict[int, list[store.VehicleDays]] = {}
    for row in store.list_vehicle_days(conn, asked, span, ids):
        days.setdefault(row.vehicle_id, []).append(row)
    income = _income(conn, asked, span, ids)
    of_no_vehicle = income.pop(None, Income())
    costs = _costs(conn, asked, span, ids) if actor.may("cost.read") else None
    known = {each for each in income if each is not None}
    depreciation = _depreciation(conn, asked, span, ids) if actor.may("purchase.read") else {}
    named = sorted({*days, *known, *(costs or {})}) if ids is None else ids
    received, commission = _shares(conn, asked, span, named)
    return Books(
        asked=asked,
        names={} if ids is None else store.name_vehicles(conn, ids),
        days=days,
        income=_with_shares({each: income[each] for each in known}, received),
        of_no_vehicle=of_no_vehicle,
        costs=costs,
        depreciation=depreciation,
        commission=commission,
        unsettled=_unsettled(conn, asked, span, days),
    )


def _income(conn: Connection[Any], asked: Asked, span: Span, ids: Ids) -> dict[int | None, Income]:
    rows = earnings.list_earned(
        conn,
        by=["vehicle", "kind"],
        scope=asked.scope,
        from_on=span.from_on,
        until_on=span.until_on,
        known_at=asked.known_at,
        vehicle_ids=ids,
    )
    found: dict[int | None, dict[str, int]] = {}
    for row in rows:
        assert row.kind is not None
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
    """What was written off in the span, by vehicle; those bought alike are reckoned once."""
    before, last = span.from_on - timedelta(days=1), span.until_on - timedelta(days=1)
    reckoned: dict[lives.PurchaseFacts, int] = {}
    found = {}
    for bought in store.list_purchases(conn, asked, ids):
        facts = lives.PurchaseFacts(
            purchased_on=bought.purchased_on.replace(day=1),
            price_fen=bought.price_fen,
            depreciation_method=bought.depreciation_method,
            useful_life_months=bought.useful_life_months,
            residual_pct=bought.residual_pct,
        )
        if facts not in reckoned:
            reckoned[facts] = facts.book_value_fen(before) - facts.book_value_fen(last)
        found[bought.vehicle_id] = reckoned[facts]
    return found


def _shares(
    conn: Connection[Any], asked: Asked, span: Span, vehicle_ids: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """What was settled with others, by vehicle: received as owner, owed as operator."""
    received: dict[int, int] = {}
    owed: dict[int, int] = {}
    settled = shares.list_settled(
        conn,
        scope=asked.scope,
        from_on=span.from_on,
        until_on=span.until_on,
        known_at=asked.known_at,
    )
    names = store.name_vehicles(conn, vehicle_ids) if settled else {}
    ids = {name.vin: each for each, name in names.items()}
    for row in settled:
        side = received if row.organisation_id in asked.members else owed
        vehicle_id = ids.get(row.vin)
        if vehicle_id is not None:
            side[vehicle_id] = side.get(vehicle_id, 0) + row.amount_fen
    return received, owed


def _unsettled(
    conn: Connection[Any],
    asked: Asked,
    span: Span,
    days: Mapping[int, Iterable[store.VehicleDays]],
) -> frozenset[int]:
    """Vehicles of which a share is agreed on with others, and a month not settled yet."""
    months = shares.list_unsettled(
        conn,
        scope=asked.scope,
        from_on=span.from_on,
        until_on=span.until_on,
        known_at=asked.known_at,
    )
    pairs = {(month.owner_id, holder) for month in months for holder in month.holder_ids}
    return frozenset(
        vehicle_id
        for vehicle_id, rows in days.items()
        if any((row.owner_id, row.organisation_id) in pairs for row in rows)
    )


def _with_shares(income: Mapping[int, Income], received: Mapping[int, int]) -> dict[int, Income]:
    return {
        each: replace(income.get(each, Income()), shares_fen=received.get(each, 0))
        for each in {*income, *received}
    }
