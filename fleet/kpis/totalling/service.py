"""Adds up what all vehicles brought in and cost in a span: the same as vehicle by vehicle.

Summed in the database, those together that were bought alike, as they are written off alike.
Purchases and costs are told to who may see them, else they are not known. Leaves out what counts as
profit (`fleet/usage/profit.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from fleet.earnings import service as earnings
from fleet.kpis import store
from fleet.kpis.model import Asked
from fleet.kpis.reckoning.service import depreciation_in, settled_in
from fleet.kpis.spans import Span
from fleet.lives import service as lives
from fleet.usage import service as usage
from fleet.usage.service import Income
from schemas.access import Actor


@dataclass(frozen=True, slots=True)
class Total:
    """All vehicles together. `not_known`: of how many vehicles a part is not known."""

    vehicles: int
    income: Income
    costs_fen: Mapping[str, int]
    not_known: Mapping[str, int]
    of_no_vehicle_fen: int


def total_of(conn: Connection[Any], actor: Actor, asked: Asked, span: Span) -> Total:
    """What every vehicle that was there, earned or cost something did together, in fen."""
    tells_costs = actor.may("cost.read")
    groups = store.sum_profit(
        conn,
        asked,
        span,
        settled_in(conn, asked, span),
        kinds={
            "rent": earnings.RENT,
            "purchase": earnings.PURCHASES,
            "repair": usage.REPAIRS,
            "other": usage.OTHERS,
        },
        tells_costs=tells_costs,
        tells_purchases=actor.may("purchase.read"),
    )

    vehicles = sum(group.vehicles for group in groups)
    costs = {
        "depreciation": sum(_depreciation_fen(group, span) for group in groups),
        "insurance": sum(group.insurance_fen for group in groups),
        "inspection": sum(group.inspection_fen for group in groups),
        "repair": sum(group.repair_fen for group in groups),
        "other": sum(group.other_fen for group in groups),
        "commission": sum(group.commission_fen for group in groups),
    }
    not_known = {
        "depreciation": sum(group.vehicles for group in groups if group.bought_on is None),
        "insurance": sum(group.without_insurance for group in groups),
        "inspection": sum(group.without_inspection for group in groups),
        "repair": 0 if tells_costs else vehicles,
        "other": 0 if tells_costs else vehicles,
        "commission": sum(group.unsettled for group in groups),
    }
    return Total(
        vehicles,
        _income(groups),
        {part: costs.get(part, 0) for part in usage.COST_PARTS},
        {part: not_known.get(part, vehicles) for part in usage.COST_PARTS},
        sum(group.of_no_vehicle_fen for group in groups),
    )


def _income(groups: Sequence[store.BoughtAlike]) -> Income:
    return Income(
        rent_fen=sum(group.rent_fen for group in groups),
        recharges_fen=sum(group.recharges_fen for group in groups),
        purchases_fen=sum(group.purchases_fen for group in groups),
        shares_fen=sum(group.shares_fen for group in groups),
    )


def _depreciation_fen(group: store.BoughtAlike, span: Span) -> int:
    if group.bought_on is None or group.price_fen is None or group.depreciation_method is None:
        return 0
    facts = lives.PurchaseFacts(
        purchased_on=group.bought_on,
        price_fen=group.price_fen,
        depreciation_method=group.depreciation_method,
        useful_life_months=group.useful_life_months,
        residual_pct=group.residual_pct,
    )
    return group.vehicles * depreciation_in(facts, span)
