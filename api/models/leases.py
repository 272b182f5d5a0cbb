"""Leases over HTTP: in a list, and as a whole on a day."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.terms import EXAMPLE as TERMS
from api.models.terms import TermsOut
from fleet.leasing.as_of import AsOf
from fleet.leasing.service import Lease, LeaseDetail, Placed
from fleet.leasing.shapes import State
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import LeaseKind, TermUnit

LEASE: Final[dict[str, Any]] = {
    "lease_no": "L2611-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-PZ84QK",
    "customer_name": "深圳顺达物流有限公司",
    "kind": "long",
    "state": "active",
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "vehicles": 1,
    "vehicles_out": 1,
    "rent_fen": 280_000,
    "per": "month",
    "signed_at": "2026-11-28T03:00:00Z",
    "started_at": "2026-12-01T01:30:00Z",
    "ended_at": None,
    "reference": None,
    "renews_no": None,
    "created_by": "nanshan.sales",
    "created_at": "2026-11-25T06:00:00Z",
}
VEHICLE: Final[dict[str, Any]] = {
    "line_no": 1,
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "from_at": "2026-12-01T01:30:00Z",
    "until_at": None,
}
DETAIL: Final[dict[str, Any]] = {
    **LEASE,
    "on": "2026-12-10",
    "known_at": None,
    "state_then": "active",
    "terms": TERMS,
    "lines": [{"no": 1, "resting": False, "dropped": False, "vehicles": [VEHICLE]}],
    "vehicles_so_far": [VEHICLE],
    "versions": [{"no": 1, "event_no": 1, "effective_on": "2026-12-01", "ends_on": "2027-11-30"}],
    "suspensions": [],
    "cautions": [
        {
            "code": "no_deposit",
            "en": "no deposit secures damage and debts",
            "zh": "未收取押金，车损和欠款没有担保",
            "rule": "practice",
        }
    ],
    "reasons": [],
    "approved": False,
    "approvals": [],
    "standing": {"days_left": 355, "about_to_end": False, "days_over": 0},
    "renewed_by": [],
    "version": 4,
}
LeaseNoPath = Annotated[
    str, Path(max_length=40, description="租约编号.", examples=["L2611-7KQ4MX"])
]
LineNoPath = Annotated[int, Path(ge=1, le=999, description="Number of the line.")]


class LeaseOut(BaseModel):
    """A lease in a list."""

    model_config = ConfigDict(json_schema_extra={"example": LEASE})

    lease_no: str
    organisation: str
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    starts_on: date
    ends_on: date | None = Field(description="The last day; null: open-ended.")
    vehicles: int = Field(description="How many places for vehicles it has.")
    vehicles_out: int = Field(description="How many are with the lessee now.")
    rent_fen: int | None = Field(description="Of all lines, for one `per`; null where they differ.")
    per: TermUnit | None
    signed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    reference: str | None = Field(description="The number it has elsewhere.")
    renews_no: str | None = Field(description="The lease it goes on from.")
    created_by: Writer
    created_at: datetime

    @classmethod
    def of(cls, lease: Lease) -> "LeaseOut":
        """As the service gives it."""
        return cls(**fields_of(lease))


class VehicleInLine(BaseModel):
    """A vehicle in a line; null: it is out of your sight now."""

    line_no: int
    vin: str | None
    plate: str | None
    from_at: datetime
    until_at: datetime | None

    @classmethod
    def of(cls, placed: Placed) -> "VehicleInLine":
        """As the service gives it."""
        return cls(
            line_no=placed.line_no,
            vin=placed.vin,
            plate=placed.plate,
            from_at=placed.from_at,
            until_at=placed.until_at,
        )


class LineThen(BaseModel):
    """A line on the day that was asked for, with the vehicles in it on that day."""

    no: int
    resting: bool = Field(description="It, or the whole lease, is suspended.")
    dropped: bool = Field(description="It shall not be filled any more.")
    vehicles: list[VehicleInLine]


class VersionOut(BaseModel):
    """Terms in force from a day on; ask for that day (`on`) to see them."""

    no: int
    event_no: int
    effective_on: date
    ends_on: date | None


class SuspensionOut(BaseModel):
    """[from_on, until_on); of a line, or of all (null)."""

    no: int
    line_no: int | None
    from_on: date
    until_on: date | None
    credited: bool = Field(description="No rent for these days.")
    reason: str


class CautionOut(BaseModel):
    """What is unusual or risky in the terms, and by which rule."""

    code: str
    en: str
    zh: str
    rule: str


class ReasonOut(BaseModel):
    """Why the terms need an approval."""

    code: str
    line_no: int | None
    en: str
    zh: str


class ApprovalOut(BaseModel):
    """What was asked for, and decided."""

    current: bool = Field(description="Of the terms as they stand.")
    reasons: list[ReasonOut]
    requested_by: Writer
    requested_at: datetime
    decision: str | None = Field(description="approved, refused; null: not yet.")
    decided_by: Decider
    decided_at: datetime | None
    note: str | None


class StandingOut(BaseModel):
    """Where it is today."""

    days_left: int | None
    about_to_end: bool
    days_over: int = Field(description="Since the last day, while a vehicle is out.")


class LeaseDetailOut(LeaseOut):
    """A lease with all that belongs to it, as it stood on a day."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    on: date
    known_at: datetime | None
    state_then: State = Field(description="At the end of that day.")
    terms: TermsOut = Field(description="Those in force on that day.")
    lines: list[LineThen]
    vehicles_so_far: list[VehicleInLine] = Field(description="All there ever were, by line.")
    versions: list[VersionOut]
    suspensions: list[SuspensionOut]
    cautions: list[CautionOut]
    reasons: list[ReasonOut] = Field(description="Of a draft: why it needs an approval.")
    approved: bool = Field(description="Of a draft: its terms as they stand are approved.")
    approvals: list[ApprovalOut]
    standing: StandingOut | None
    renewed_by: list[str]
    version: int = Field(ge=1)

    @classmethod
    def of_detail(cls, detail: LeaseDetail) -> "LeaseDetailOut":
        """As the service gives it."""
        book, day = detail.book, detail.day
        placed = [VehicleInLine.of(each) for each in detail.placed]
        return cls(
            **fields_of(detail.lease),
            on=detail.on,
            known_at=detail.known_at,
            state_then=detail.lease.state if detail.known_at is None else "draft",
            terms=TermsOut.of(detail.terms),
            lines=[
                LineThen(no=line.no, resting=False, dropped=False, vehicles=[])
                for line in detail.terms.lines
            ],
            vehicles_so_far=placed,
            versions=[],
            suspensions=[],
            cautions=[CautionOut.model_validate(c, from_attributes=True) for c in detail.cautions],
            reasons=[ReasonOut.model_validate(r, from_attributes=True) for r in detail.reasons],
            approved=detail.approved,
            approvals=[
                ApprovalOut.model_validate(a, from_attributes=True) for a in detail.approvals
            ],
            standing=None
            if detail.standing is None
            else StandingOut.model_validate(detail.standing, from_attributes=True),
            renewed_by=list(detail.renewed_by),
            version=detail.lease.version,
        ).model_copy(update={} if book is None or day is None else _by_book(detail, day, placed))


def _by_book(detail: LeaseDetail, day: AsOf, placed: list[VehicleInLine]) -> dict[str, Any]:
    """What only a lease that is signed has."""
    assert detail.book is not None
    then = {(each.line_no, each.from_at) for each in day.segments}
    numbers = {line.no for line in day.version.terms.lines} | {no for no, _at in then}
    return {
        "state_then": day.state,
        "lines": [
            LineThen(
                no=no,
                resting=day.suspended or no in day.suspended_lines,
                dropped=no in detail.book.dropped_lines,
                vehicles=[p for p in placed if p.line_no == no and (no, p.from_at) in then],
            )
            for no in sorted(numbers)
        ],
        "versions": [
            VersionOut(
                no=each.no,
                event_no=each.event_no,
                effective_on=each.effective_on,
                ends_on=last_day(each.terms.starts_on, each.terms.term),
            )
            for each in detail.book.versions
        ],
        "suspensions": [
            SuspensionOut.model_validate(each, from_attributes=True)
            for each in detail.book.suspensions
        ],
    }


def fields_of(lease: Lease) -> dict[str, Any]:
    """What a list tells of a lease."""
    same = (
        "lease_no customer_no customer_name kind state starts_on ends_on vehicles vehicles_out"
        " rent_fen per signed_at started_at ended_at reference renews_no created_by created_at"
    )
    told = {name: getattr(lease, name) for name in same.split()}
    return {**told, "organisation": lease.organisation_code}
