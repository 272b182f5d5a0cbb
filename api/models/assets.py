"""A vehicle as a whole, its stages and its costs, over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.idle import IdleOut
from api.models.lives import OdometerNow, PurchaseOut
from api.models.obligations import ObligationOut
from api.models.papers import FindingOut, PapersOut
from api.models.registry import StageOut, VehicleCard
from api.models.text import Input, Instant, Line
from api.models.vehicles import VehicleDetail
from api.models.work_orders import WorkOrderOut
from api.pages import Page
from fleet.assets.service import Spending, VehicleWhole
from fleet.costs.model import Cost, CostKind
from fleet.leasing.service import LeaseOfVehicle
from fleet.registry.service import StageName

COST: dict[str, Any] = {
    "kind": "insurance",
    "amount_fen": 95_000,
    "incurred_on": "2026-07-01",
    "subject_kind": "policy",
    "subject_key": "PDAA20264403000001",
    "organisation": "shenzhen-qianxing",
}
SPENT: dict[str, Any] = {
    "from_on": "2025-11-22",
    "until_on": "2026-11-22",
    "total_fen": 143_000,
    "by_kind_fen": {"insurance": 95_000, "repair": 48_000},
}


ON_LEASE: dict[str, Any] = {
    "lease_no": "L2611-7KQ4MX",
    "line_no": 1,
    "customer_no": "C2611-PZ84QK",
    "customer_name": "深圳顺达物流有限公司",
    "since": "2026-12-01T01:30:00Z",
    "last_day": "2027-11-30",
    "days_over": 0,
}


class StageChange(Input):
    """Where a vehicle goes in its life."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "let", "reason": "交车"}})

    stage: StageName
    reason: Line | None = Field(None, description="Needed to dispose of it, and to override.")
    at: Instant | None = Field(None, description="When [now]; not in the future.")
    override: bool = Field(
        False,
        description="Hand it over in spite of its blocks; takes `vehicle.override_block` and a"
        " step-up, and is written down with what was overridden.",
    )


class SpendingOut(BaseModel):
    """What was spent on a vehicle, in fen by kind, in [from_on, until_on)."""

    model_config = ConfigDict(json_schema_extra={"example": SPENT})

    from_on: date
    until_on: date
    total_fen: int
    by_kind_fen: dict[str, int]

    @classmethod
    def of(cls, spending: Spending) -> "SpendingOut":
        """As the service gives it."""
        return cls(**{name: getattr(spending, name) for name in cls.model_fields})


class CostOut(BaseModel):
    """Money spent on a vehicle, and the record it was spent by."""

    model_config = ConfigDict(json_schema_extra={"example": COST})

    kind: CostKind
    amount_fen: int
    incurred_on: date
    subject_kind: str
    subject_key: str = Field(description="Of the record: a policy number, a work order …")
    organisation: str | None = Field(description="Who spent it; null where out of your sight.")

    @classmethod
    def of(cls, cost: Cost) -> "CostOut":
        """As the service gives it."""
        same = {name: getattr(cost, name) for name in cls.model_fields if hasattr(cost, name)}
        return cls(**same, organisation=cost.organisation_code)


class CostsPage(Page[CostOut]):
    """What was spent, the latest first, and the sums of the whole time asked for."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [COST], "next": None, "spent": SPENT}}
    )

    spent: SpendingOut


class OnLease(BaseModel):
    """The lease that has a vehicle now."""

    model_config = ConfigDict(json_schema_extra={"example": ON_LEASE})

    lease_no: str
    line_no: int
    customer_no: str
    customer_name: str
    since: datetime
    last_day: date | None = Field(description="Null: open-ended.")
    days_over: int = Field(ge=0, description="Days since the last day, while it is out.")

    @classmethod
    def of(cls, lease: LeaseOfVehicle) -> "OnLease":
        """As the service gives it."""
        same = {name: getattr(lease, name) for name in cls.model_fields if hasattr(lease, name)}
        return cls(**same, since=lease.from_at, last_day=lease.ends_on)


class VehicleWholeOut(BaseModel):
    """All of one vehicle in one answer. What you may not see is null."""

    card: VehicleCard
    now: VehicleDetail = Field(description="As `GET /vehicles/{vin}` tells it.")
    stage: StageOut | None
    next_stages: list[StageName] = Field(
        description="Where it may go by the table of stages; blocks stand against `let`."
    )
    papers: PapersOut | None
    blocks: list[FindingOut] = Field(
        description="What forbids to hand it over now: papers, and work that keeps it off the road."
    )
    due: list[ObligationOut] = Field(
        description="All that falls due, of papers, maintenance, work and care; by day."
    )
    open_work: list[WorkOrderOut] | None = Field(description="Unfinished, the last opened first.")
    idle: IdleOut | None = Field(description="Its care, while it waits in stock or for sale.")
    lease: OnLease | None = Field(description="The one that has it now, to who may read leases.")
    odometer: OdometerNow | None
    documents: dict[str, int] | None = Field(description="How many files of each kind.")
    costs: SpendingOut | None = Field(description="Of the last twelve months.")
    purchase: PurchaseOut | None

    @classmethod
    def of(cls, whole: VehicleWhole) -> "VehicleWholeOut":
        """As the service gives it."""
        bought = whole.bought
        return cls(
            card=VehicleCard.of(whole.card),
            now=VehicleDetail.of_now(whole.state),
            stage=whole.stage and StageOut.of(whole.stage),
            next_stages=list(whole.next_stages),
            papers=whole.papers and PapersOut.of(whole.papers),
            blocks=[FindingOut.of(block) for block in whole.blocks],
            due=[ObligationOut.of(item) for item in whole.due],
            open_work=None
            if whole.open_work is None
            else [WorkOrderOut.of(order) for order in whole.open_work],
            idle=whole.idle and IdleOut.of(whole.idle),
            lease=whole.lease and OnLease.of(whole.lease),
            odometer=whole.odometer and OdometerNow.of(whole.odometer),
            documents=whole.documents_by_kind,
            costs=whole.spending and SpendingOut.of(whole.spending),
            purchase=bought and PurchaseOut.of(bought.purchase, bought.on),
        )
