"""Hand-overs over HTTP, as they are told. As people write them down: `hand_over_records.py`."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.amounts import plain
from api.models.charges import ROW as CHARGE
from api.models.charges import ChargeOut
from fleet.hand_overs.model import (
    Direction,
    FindingKind,
    HandOver,
    HandOverDetail,
    Occasion,
    Result,
)

ROW: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a22",
    "organisation": "shenzhen-nanshan",
    "lease_no": "L2611-7KQ4MX",
    "line_no": 1,
    "customer_no": "C2611-9QRTKX",
    "customer_name": "顺达物流",
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "direction": "out",
    "occasion": "start",
    "handed_at": "2026-11-21T02:00:00Z",
    "driver": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a77",
    "driver_name": "王师傅",
    "checklist": "hand-over",
    "checklist_edition": 1,
    "odometer_km": 35120.0,
    "soc_pct": 90.0,
    "lat": 22.5431,
    "lon": 114.0579,
    "location_masked": False,
    "place": "南山车场",
    "told": {
        "at": "2026-11-21T01:59:30Z",
        "odometer_km": 35112.4,
        "soc_pct": 89.5,
        "lat": 22.5432,
        "lon": 114.058,
    },
    "differences": [{"field": "odometer_km", "typed": 35120.0, "told": 35112.4, "by": 7.6}],
    "overridden": [],
    "override_reason": None,
    "warnings": [
        {
            "kind": "commercial_missing",
            "message_en": "Commercial insurance: no policy is in force.",
            "message_zh": "没有生效的商业险保单。",
        }
    ],
    "received_by": "王师傅",
    "remarks": None,
    "work_order_no": None,
    "recorded_by": "nanshan.ops",
    "recorded_at": "2026-11-21T02:05:00Z",
}
CHECKS: list[Any] = [{"step_no": 1, "result": "ok", "note": None}]
FINDINGS: list[Any] = [
    {
        "kind": "damage",
        "part": "左前门",
        "description": "划痕 10 cm",
        "was_there": False,
        "estimate_fen": 30000,
    }
]
DETAIL: dict[str, Any] = {
    **ROW,
    "steps": [{"no": 1, "text": "车身四面与货箱内外照片", "photo": True}],
    "checks": CHECKS,
    "findings": [{**FINDINGS[0], "was_there": True, "estimate_fen": None}],
    "charges": [CHARGE],
    "photos": 4,
    "photos_missing": False,
}
HandOverKey = Annotated[UUID, Path(description="Key of the hand-over.")]
LeaseNoPath = Annotated[str, Path(max_length=40, description="合同号.", examples=["L2611-7KQ4MX"])]


class ToldOut(BaseModel):
    """What the vehicle itself said, nearest to that minute."""

    at: datetime
    odometer_km: float | None
    soc_pct: float | None
    lat: float | None
    lon: float | None


class DifferenceOut(BaseModel):
    """What was typed and what was told, further apart than is tolerated."""

    field: str = Field(description="odometer_km, soc_pct or position.")
    typed: float | None = Field(description="Null of a position: see `lat`, `lon`.")
    told: float | None
    by: float = Field(description="km, per cent, or of a position metres.")


class BlockKept(BaseModel):
    """What forbade the hand-over and was overridden."""

    kind: str
    rule: str
    paper: str
    paper_no: str | None
    since_on: date | None
    message_en: str
    message_zh: str


class WarnedOut(BaseModel):
    """What spoke against it, or was wanting."""

    kind: str
    message_en: str
    message_zh: str


class HandOverOut(BaseModel):
    """A vehicle changed hands: out to the customer, or back."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    key: UUID
    organisation: str
    lease_no: str
    line_no: int
    customer_no: str
    customer_name: str
    vin: str
    plate: str | None = Field(description="Null, too, once the vehicle is not yours any more.")
    direction: Direction
    occasion: Occasion
    handed_at: datetime
    driver: UUID | None
    driver_name: str | None
    checklist: str | None
    checklist_edition: int | None
    odometer_km: float | None
    soc_pct: float | None
    lat: float | None = Field(description="WGS-84; about a kilometre without `location.read`.")
    lon: float | None
    location_masked: bool
    place: str | None
    told: ToldOut | None = Field(description="Null: the vehicle said nothing around that minute.")
    differences: list[DifferenceOut]
    overridden: list[BlockKept]
    override_reason: str | None
    warnings: list[WarnedOut]
    received_by: str | None
    remarks: str | None
    work_order_no: str | None = Field(description="What it came back into, if not into stock.")
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, hand_over: HandOver, *, masked: bool) -> "HandOverOut":
        """As the service gives it."""
        return cls(**fields_of(hand_over, masked=masked))


class StepOut(BaseModel):
    """A step of the checklist it went by."""

    no: int
    text: str
    photo: bool = Field(description="A photo is wanted with it.")


class CheckOut(BaseModel):
    """A step as it was found."""

    step_no: int
    result: Result
    note: str | None


class FindingOut(BaseModel):
    """What was found. Wear, and what was there before, is never charged."""

    kind: FindingKind
    part: str
    description: str
    was_there: bool
    estimate_fen: int | None


class HandOverDetailOut(HandOverOut):
    """A hand-over with all that belongs to it."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    steps: list[StepOut]
    checks: list[CheckOut]
    findings: list[FindingOut]
    charges: list[ChargeOut] | None = Field(description="Null: not yours to see.")
    photos: int | None = Field(description="How many were added; null: not yours to see.")
    photos_missing: bool = Field(description="Fewer photos than steps ask for.")

    @classmethod
    def of_detail(cls, detail: HandOverDetail, *, masked: bool) -> "HandOverDetailOut":
        """As the service gives it."""
        charges = detail.charges
        return cls(
            **fields_of(detail.hand_over, masked=masked),
            steps=[StepOut(no=s.no, text=s.text, photo=s.photo) for s in detail.steps],
            checks=[
                CheckOut(step_no=c.step_no, result=c.result, note=c.note) for c in detail.checks
            ],
            findings=[
                FindingOut(
                    kind=each.kind,
                    part=each.part,
                    description=each.description,
                    was_there=each.was_there,
                    estimate_fen=each.estimate_fen,
                )
                for each in detail.findings
            ],
            charges=None if charges is None else [ChargeOut.of(each) for each in charges],
            photos=detail.photos,
            photos_missing=detail.photos_missing,
        )


class SwapOut(BaseModel):
    """Both sides of a swap."""

    model_config = ConfigDict(json_schema_extra={"example": {"back": DETAIL, "out": DETAIL}})

    back: HandOverDetailOut
    out: HandOverDetailOut


def fields_of(hand_over: HandOver, *, masked: bool) -> dict[str, Any]:
    """What a list tells of a hand-over."""
    told = hand_over.told
    same = (
        *("key", "lease_no", "line_no", "customer_no", "customer_name", "vin", "plate"),
        *("direction", "occasion", "handed_at", "driver", "driver_name", "checklist_edition"),
        *("lat", "lon", "place", "override_reason", "received_by", "remarks", "work_order_no"),
        *("recorded_by", "recorded_at"),
    )
    return {name: getattr(hand_over, name) for name in same} | {
        "organisation": hand_over.organisation_code,
        "checklist": hand_over.checklist_code,
        "odometer_km": plain(hand_over.odometer_km),
        "soc_pct": plain(hand_over.soc_pct),
        "location_masked": masked,
        "told": None
        if told is None
        else ToldOut(
            at=told.at,
            odometer_km=plain(told.readings.odometer_km),
            soc_pct=plain(told.readings.soc_pct),
            lat=told.readings.lat,
            lon=told.readings.lon,
        ),
        "differences": [
            DifferenceOut(
                field=each.field, typed=plain(each.typed), told=plain(each.told), by=float(each.by)
            )
            for each in hand_over.differences
        ],
        "overridden": [BlockKept(**each) for each in hand_over.overridden],
        "warnings": [
            WarnedOut(kind=each.kind, message_en=each.message_en, message_zh=each.message_zh)
            for each in hand_over.warnings
        ],
    }
