"""What is told beside a lease over HTTP: events, counts, periods, an early end, prices."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from fleet.leasing.events import Event
from fleet.leasing.model import LeaseEvent as KeptEvent
from fleet.leasing.service import EarlyEndPreview, LeaseOfVehicle, ListPrice, RentOfPeriod
from fleet.leasing.shapes import State
from fleet.leasing.terms import LeaseKind, TermUnit


class EventOut(BaseModel):
    """What happened to a lease; `facts` are what its kind tells, vehicles by their VINs."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "no": 2,
                "kind": "handed_out",
                "happened_at": "2026-12-01T01:30:00Z",
                "facts": {"line_no": 1, "vin": "LSGPC52U6AF102554", "starts_on": None},
                "recorded_by": "nanshan.ops",
                "recorded_at": "2026-12-01T01:35:00Z",
            }
        }
    )

    no: int
    kind: str
    happened_at: datetime = Field(description="When it takes effect.")
    facts: dict[str, Any]
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, kept: KeptEvent, vins: Mapping[int, str]) -> "EventOut":
        """As the service gives it."""
        return cls(
            no=kept.no,
            kind=kept.event.kind,
            happened_at=kept.event.happened_at,
            facts=_facts(kept.event, vins),
            recorded_by=kept.recorded_by,
            recorded_at=kept.recorded_at,
        )


def _facts(event: Event, vins: Mapping[int, str]) -> dict[str, Any]:
    facts = event.model_dump(mode="json", exclude={"kind", "happened_at"})
    if "vehicle_id" in facts:
        facts["vin"] = vins.get(facts.pop("vehicle_id"))
    if "vehicles" in facts:
        facts["vehicles"] = {str(no): vins.get(each) for no, each in facts["vehicles"].items()}
    return facts


class LeaseCounts(BaseModel):
    """How many leases there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"by_state": {"active": 12, "draft": 3}, "about_to_end": 2, "over_term": 1}
        }
    )

    by_state: dict[str, int]
    about_to_end: int
    over_term: int


class LeaseOfVehicleOut(BaseModel):
    """A lease a vehicle was or is in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lease_no": "L2611-7KQ4MX",
                "organisation": "shenzhen-nanshan",
                "customer_no": "C2611-PZ84QK",
                "customer_name": "深圳顺达物流有限公司",
                "kind": "long",
                "state": "active",
                "line_no": 1,
                "from_at": "2026-12-01T01:30:00Z",
                "until_at": None,
                "ends_on": "2027-11-30",
                "days_over": 0,
            }
        }
    )

    lease_no: str
    organisation: str
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    line_no: int
    from_at: datetime
    until_at: datetime | None
    ends_on: date | None
    days_over: int = Field(description="Since the last day, while the vehicle is out.")

    @classmethod
    def of(cls, lease: LeaseOfVehicle) -> "LeaseOfVehicleOut":
        """As the service gives it."""
        return cls(
            lease_no=lease.lease_no,
            organisation=lease.organisation_code,
            customer_no=lease.customer_no,
            customer_name=lease.customer_name,
            kind=lease.kind,
            state=lease.state,
            line_no=lease.line_no,
            from_at=lease.from_at,
            until_at=lease.until_at,
            ends_on=lease.ends_on,
            days_over=lease.days_over,
        )


class PeriodOut(BaseModel):
    """A period of rent, and what all lines agreed come to in it."""

    no: int
    from_on: date
    last_on: date
    days: int
    rent_fen: int = Field(description="Before swaps, suspensions and returns within it.")

    @classmethod
    def of(cls, each: RentOfPeriod) -> "PeriodOut":
        """As the service gives it."""
        return cls(
            no=each.period.no,
            from_on=each.period.from_on,
            last_on=each.period.last_on,
            days=each.period.days,
            rent_fen=each.rent_fen,
        )


class Periods(BaseModel):
    """The periods of rent of a lease."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "no": 1,
                        "from_on": "2026-12-01",
                        "last_on": "2026-12-31",
                        "days": 31,
                        "rent_fen": 280_000,
                    }
                ]
            }
        }
    )

    items: list[PeriodOut]


class EarlyEndOut(BaseModel):
    """What ending a lease on a day would come to; amounts in fen, of the vehicles that are out."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "on": "2027-05-31",
                "ends_on": "2027-11-30",
                "days_left": 183,
                "rent_left_fen": 1_680_000,
                "price_fen": 280_000,
                "notice_days_short": 0,
                "notice_fen": 0,
                "claim_fen": 280_000,
                "loss_days": 30,
                "loss_fen": 280_000,
                "claim_of_loss_pct": 100,
                "may_be_cut": False,
                "stands_up_to_fen": 364_000,
                "deposit_fen": 800_000,
                "held_back_fen": 200_000,
                "held_until_on": "2027-06-30",
                "deposit_back_fen": 320_000,
                "still_to_pay_fen": 0,
                "special_law": False,
                "unsettled": ["rent_paid_ahead", "rent_overdue", "deposit_paid", "charges"],
            }
        }
    )

    on: date
    ends_on: date | None
    days_left: int | None
    rent_left_fen: int | None
    price_fen: int = Field(description="By the clause on an early end.")
    notice_days_short: int
    notice_fen: int
    claim_fen: int = Field(description="Price and notice together.")
    loss_days: int
    loss_fen: int = Field(description="What the lessor is likely to lose until it is let again.")
    claim_of_loss_pct: int | None
    may_be_cut: bool = Field(description="A court may cut the claim, 民法典 §585.")
    stands_up_to_fen: int
    deposit_fen: int
    held_back_fen: int
    held_until_on: date | None
    deposit_back_fen: int
    still_to_pay_fen: int
    special_law: bool = Field(description="A lease-to-own: 民法典 §752, §758.")
    unsettled: list[str] = Field(description="What only bills and payments tell.")

    @classmethod
    def of(cls, preview: EarlyEndPreview) -> "EarlyEndOut":
        """As the service gives it."""
        return cls.model_validate(preview, from_attributes=True)


class ListPriceOut(BaseModel):
    """标价 of a model, for a kind of lease."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": "shenzhen",
                "model_code": "ruichi-ec35",
                "lease_kind": "long",
                "rent_fen": 280_000,
                "per": "month",
                "deposit_fen": 800_000,
                "valid_from_on": "2026-01-01",
                "recorded_by": "head.manager",
                "recorded_at": "2025-12-20T08:00:00Z",
            }
        }
    )

    organisation: str | None = Field(description="Whose list; null where out of your sight.")
    model_code: str
    lease_kind: LeaseKind
    rent_fen: int
    per: TermUnit
    deposit_fen: int
    valid_from_on: date
    recorded_by: str | None
    recorded_at: datetime

    @classmethod
    def of(cls, price: ListPrice) -> "ListPriceOut":
        """As the service gives it."""
        return cls(
            organisation=price.organisation_code,
            model_code=price.model_code,
            lease_kind=price.lease_kind,
            rent_fen=price.rent_fen,
            per=price.per,
            deposit_fen=price.deposit_fen,
            valid_from_on=price.valid_from_on,
            recorded_by=price.recorded_by,
            recorded_at=price.recorded_at,
        )
