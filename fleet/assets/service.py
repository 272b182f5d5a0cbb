"""One vehicle as a whole, and changes of it that everything else has a word in.

Changes stand in their own part (`moving`). Leaves out the rules themselves: `fleet/compliance`,
`fleet/maintenance`, `fleet/registry`, `fleet/leasing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.assets import store
from fleet.assets.moving.service import (
    add_vehicle,
    assign_operator,
    blocked_moves,
    change_card,
    change_stage,
)
from fleet.calendar import service as calendar
from fleet.clearance import service as clearance
from fleet.compliance import service as compliance
from fleet.costs import service as costs
from fleet.leasing import service as leasing
from fleet.lives import service as lives
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from fleet.months import add_months
from fleet.registry import service as registry
from fleet.service import service as work
from fleet.usage import service as usage
from schemas.access import Actor

__all__ = [
    "Spending",
    "VehicleWhole",
    "add_vehicle",
    "assign_operator",
    "blocked_moves",
    "change_card",
    "change_stage",
    "list_vehicle_costs",
    "vehicle_page",
]

MOST_WORK: Final = 20
MOST_DUE: Final = 200


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent on a vehicle in [from_on, until_on), in fen by kind."""

    from_on: date
    until_on: date
    by_kind_fen: dict[str, int]

    @property
    def total_fen(self) -> int:
        return sum(self.by_kind_fen.values())


@dataclass(frozen=True, slots=True)
class Bought:
    """What a vehicle was bought for, and the day it is there: what is left of it then is asked."""

    purchase: lives.Purchase
    on: date


@dataclass(frozen=True, slots=True)
class VehicleWhole:
    """All of one vehicle. None is: the actor may not see it, or there is none.

    `next_stages` are those it may come to by the table of stages alone. `lease` is the one in sight
    that has the vehicle now.
    """

    card: registry.Vehicle
    state: usage.VehicleNow
    stage: registry.Stage | None
    next_stages: Sequence[registry.StageName]
    papers: compliance.PapersOfVehicle | None
    blocks: list[compliance.Block]
    due: list[calendar.DueItem]
    open_work: list[work.WorkOrder] | None
    idle: maintenance.IdleStanding | None
    lease: leasing.LeaseOfVehicle | None
    odometer: lives.Odometer | None
    documents_by_kind: dict[str, int] | None
    spending: Spending | None
    bought: Bought | None


def vehicle_page(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    now: datetime,
    offline_after: timedelta = usage.OFFLINE_AFTER,
) -> VehicleWhole:
    """Everything the actor may see of one vehicle, at once.

    Of a vehicle that was theirs once: what was told of that time, and nothing that is due now.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    state = usage.vehicle_detail(conn, actor, vin=vin, now=now, offline_after=offline_after)
    card = registry.get_vehicle(conn, actor, vin=vin)
    stage = registry.find_stage(conn, vehicle=card)
    today = calendar.today_of(conn, actor, now=now).on
    sees_papers = actor.may("paper.read")
    papers = compliance.vehicle_papers(conn, actor, vehicle=card, now=now) if sees_papers else None
    held = card.held
    return VehicleWhole(
        card=card,
        state=state,
        stage=stage,
        next_stages=_next_stages(stage) if held else (),
        papers=papers,
        blocks=[]
        if papers is None or not held
        else [*papers.blocks, *clearance.work_blocks(conn, vehicle=card)],
        due=_due(conn, actor, card, now) if sees_papers and held else [],
        open_work=_open_work(conn, actor, card),
        idle=_idle(conn, actor, card, now) if held else None,
        lease=leasing.current_lease_of(conn, actor, vehicle=card, now=now)
        if actor.may("lease.read")
        else None,
        odometer=lives.find_odometer(conn, vehicle=card),
        documents_by_kind=store.count_documents(conn, card.id)
        if actor.may("document.read")
        else None,
        spending=_spending(conn, actor, card, today),
        bought=_bought(conn, actor, card, now),
    )


def list_vehicle_costs(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    from_on: date | None = None,
    until_on: date | None = None,
    now: datetime,
    after: tuple[date, int] | None = None,
    limit: int = 50,
) -> tuple[list[costs.Cost], Spending]:
    """What was spent on the vehicle, the latest first, and its sums; of 12 months unless said.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    actor.require("cost.read")
    card = registry.get_vehicle(conn, actor, vin=vin)
    last_year = _last_year(calendar.today_of(conn, actor, now=now).on)
    span = {"from_on": from_on or last_year[0], "until_on": until_on or last_year[1]}
    rows = costs.list_costs(conn, actor, vehicle=card, **span, after=after, limit=limit)
    sums = costs.sum_costs(conn, actor, vehicle=card, **span)
    return rows, Spending(**span, by_kind_fen=sums)


def _next_stages(stage: registry.Stage | None) -> Sequence[registry.StageName]:
    following = registry.STAGES if stage is None else registry.NEXT_STAGES[stage.stage]
    return [each for each in registry.STAGES if each in following]


def _due(
    conn: Connection[Any], actor: Actor, card: registry.Vehicle, now: datetime
) -> list[calendar.DueItem]:
    wanted = calendar.DueFilter(vehicle_id=card.id)
    return calendar.list_obligations(conn, actor, wanted, limit=MOST_DUE, now=now)


def _open_work(
    conn: Connection[Any], actor: Actor, card: registry.Vehicle
) -> list[work.WorkOrder] | None:
    if not actor.may("work_order.read"):
        return None
    return work.list_open_work(conn, actor, vehicle=card, limit=MOST_WORK)


def _idle(
    conn: Connection[Any], actor: Actor, card: registry.Vehicle, now: datetime
) -> maintenance.IdleStanding | None:
    found = maintenance.list_idle_care(conn, actor, {"vehicle_id": card.id}, limit=1, now=now)
    return found[0] if found else None


def _spending(
    conn: Connection[Any], actor: Actor, card: registry.Vehicle, today: date
) -> Spending | None:
    if not actor.may("cost.read"):
        return None
    from_on, until_on = _last_year(today)
    sums = costs.sum_costs(conn, actor, vehicle=card, from_on=from_on, until_on=until_on)
    return Spending(from_on, until_on, sums)


def _last_year(today: date) -> tuple[date, date]:
    """Twelve months that end with today."""
    tomorrow = today + timedelta(days=1)
    return add_months(tomorrow, -12), tomorrow


def _bought(
    conn: Connection[Any], actor: Actor, card: registry.Vehicle, now: datetime
) -> Bought | None:
    if not actor.may("purchase.read"):
        return None
    purchase = lives.find_purchase(conn, actor, vehicle=card)
    return None if purchase is None else Bought(purchase, local_day(now, purchase.time_zone))
