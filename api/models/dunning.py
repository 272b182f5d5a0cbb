"""Notices of dunning over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Code, Input, Instant, Line
from fleet.dunning.model import (
    Channel,
    Delivery,
    Lacking,
    Listed,
    NoticeDetail,
    NoticeKind,
    NoticeState,
    Result,
    RunCounts,
    Why,
)

NOTICE: dict[str, Any] = {
    "notice_no": "D2611-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "顺达物流",
    "lease_no": "L2611-7KQ4MX",
    "bill_no": "B2026-3-000041",
    "bill_due_on": "2026-11-01",
    "stage": "demand_7",
    "kind": "demand",
    "stage_on": "2026-11-08",
    "title": "催告函",
    "made_at": "2026-11-08T01:00:00Z",
    "made_by": "guanche",
    "open_fen": 300000,
    "late_fee_fen": 1050,
    "open_now_fen": 300000,
    "clause": None,
    "rule": "民法典 §722, §195",
    "state": "arrived",
    "state_note": None,
    "arrived_at": "2026-11-09T03:00:00Z",
    "deadline_on": "2026-11-16",
    "limitation_on": "2029-11-09",
    "version": 3,
}
DELIVERY: dict[str, Any] = {
    "channel": "post",
    "sent_at": "2026-11-08T02:00:00Z",
    "arrived_at": "2026-11-09T03:00:00Z",
    "result": "arrived",
    "proof": "EMS 1234567890123",
    "document": None,
    "note": None,
    "recorded_by": "nanshan.finance",
    "recorded_at": "2026-11-09T06:00:00Z",
}
FACTS: dict[str, Any] = {
    "bill_no": "B2026-3-000041",
    "days_overdue": 7,
    "open_fen": 300000,
    "late_fee_fen": 1050,
    "total_fen": 301050,
    "deadline_days": 7,
    "warnings": [],
}
NoticeNoPath = Annotated[
    str, Path(max_length=40, description="Number of the notice.", examples=["D2611-7KQ4MX"])
]
BillNoPath = Annotated[
    str, Path(max_length=40, description="Number of the bill.", examples=["B2026-3-000041"])
]


class NoticeOut(BaseModel):
    """A reminder, a demand or a notice that was made of a bill."""

    model_config = ConfigDict(json_schema_extra={"example": NOTICE})

    notice_no: str
    organisation: str
    customer_no: str
    customer_name: str
    lease_no: str | None
    bill_no: str
    bill_due_on: date
    stage: str = Field(description="Of the ladder, the figure `dunning.ladder`.")
    kind: NoticeKind
    stage_on: date = Field(description="The day its stage began.")
    title: str
    made_at: datetime
    made_by: Writer
    open_fen: int = Field(
        description="What it demands: its bill, and as a letter all that is overdue of the lease."
    )
    late_fee_fen: int = Field(description="To the day it was made.")
    open_now_fen: int = Field(description="Of its bill, now.")
    clause: str | None = Field(description="Of the contract, by its number.")
    rule: str | None = Field(description="The articles it stands on.")
    state: NoticeState
    state_note: str | None = Field(description="Why it was withdrawn; `settled`: by the job.")
    arrived_at: datetime | None
    deadline_on: date | None = Field(
        description="The last day of the time it sets, counted from its arrival (民法典 §565)."
    )
    limitation_on: date = Field(
        description="Until when its bill can be sued for (民法典 §188, §195)."
    )
    version: int = Field(ge=1)

    @classmethod
    def of(cls, listed: Listed) -> "NoticeOut":
        """As the service gives it."""
        return cls(**_told(listed))


class DeliveryOut(BaseModel):
    """An attempt to have a notice arrive."""

    model_config = ConfigDict(json_schema_extra={"example": DELIVERY})

    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None
    result: Result
    proof: str | None
    document: UUID | None = Field(description="Key of a file that proves it.")
    note: str | None
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """As the service gives it."""
        same = {name: getattr(delivery, name) for name in cls.model_fields if name != "document"}
        return cls(**same, document=delivery.document_key)


class NoticeDetailOut(NoticeOut):
    """A notice with its text, as it was made, and each delivery."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": NOTICE
            | {"text": "编号：D2611-7KQ4MX\n致：顺达物流\n……", "facts": FACTS}
            | {"deliveries": [DELIVERY]}
        }
    )

    text: str = Field(description="Paragraphs, parted by a line feed.")
    facts: dict[str, Any] = Field(
        description="What the text was written from; `warnings` are for the creditor only."
    )
    deliveries: list[DeliveryOut]

    @classmethod
    def of_detail(cls, detail: NoticeDetail) -> "NoticeDetailOut":
        """As the service gives it."""
        return cls(
            **_told(detail.listed),
            text=detail.content["text"],
            facts=detail.content["facts"],
            deliveries=[DeliveryOut.of(each) for each in detail.deliveries],
        )


class DeliveryIn(Input):
    """An attempt to have a notice arrive, and what came of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "post",
                "result": "arrived",
                "sent_at": "2026-11-08T10:00:00+08:00",
                "arrived_at": "2026-11-09T11:00:00+08:00",
                "proof": "EMS 1234567890123",
                "document": None,
                "note": None,
            }
        }
    )

    channel: Channel
    result: Result
    sent_at: Instant | None = Field(None, description="Now unless said.")
    arrived_at: Instant | None = Field(None, description="Said of what arrived, and only of that.")
    proof: Line | None = Field(
        None, description="Number of the letter or message, who signed; needed of a demand."
    )
    document: UUID | None = Field(
        None, strict=False, description="Key of a file of this notice that proves it."
    )
    note: Line | None = None


class Withdrawal(Input):
    """Why a notice is not pursued."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "已协商分期付款"}})

    note: Line


class NoticeIn(Input):
    """The stage of the ladder that a notice is made of by hand."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "demand_7"}})

    stage: Annotated[str, Field(min_length=1, max_length=41, pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class DunningRun(Input):
    """Whose bills are looked at."""

    model_config = ConfigDict(json_schema_extra={"example": {"organisation": None}})

    organisation: Code | None = Field(
        None, description="And all below it; the one acted for unless said."
    )


class LackingOut(BaseModel):
    """A stage whose day has come, and that lacks something to be put right."""

    bill_no: str
    lease_no: str | None
    stage: str
    why: Why
    clause: str | None = Field(description="What the terms of the lease name no clause for.")

    @classmethod
    def of(cls, lacking: Lacking) -> "LackingOut":
        """As the service gives it."""
        return cls(**{name: getattr(lacking, name) for name in cls.model_fields})


class DunningRunOut(BaseModel):
    """What was done."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisations": 3,
                "bills": 128,
                "made": {"reminder": 4, "demand": 1},
                "withdrawn": 2,
                "lacking": [
                    {
                        "bill_no": "B2026-3-000041",
                        "lease_no": "L2611-7KQ4MX",
                        "stage": "lock_15",
                        "why": "clause_missing",
                        "clause": "lock",
                    }
                ],
                "lacking_count": 1,
            }
        }
    )

    organisations: int = Field(description="That had something to look at.")
    bills: int = Field(description="Open ones that were looked at.")
    made: dict[str, int] = Field(description="Notices that are new, by kind.")
    withdrawn: int = Field(description="Not sent, and their bills settled.")
    lacking: list[LackingOut] = Field(description="The first hundred.")
    lacking_count: int

    @classmethod
    def of(cls, done: list[RunCounts]) -> "DunningRunOut":
        """As the service gives it, together."""
        made: dict[str, int] = {}
        for each in done:
            for kind, count in each.made.items():
                made[kind] = made.get(kind, 0) + count
        lacking = [fault for each in done for fault in each.faults]
        return cls(
            organisations=len(done),
            bills=sum(each.bills for each in done),
            made=made,
            withdrawn=sum(each.withdrawn for each in done),
            lacking=[LackingOut.of(fault) for fault in lacking[:100]],
            lacking_count=len(lacking),
        )


def _told(listed: Listed) -> dict[str, Any]:
    names = NoticeOut.model_fields.keys() - {"organisation", "limitation_on"}
    return {name: getattr(listed.notice, name) for name in names} | {
        "organisation": listed.notice.organisation_code,
        "limitation_on": listed.limitation_on,
    }
