"""Settings of billing, runs, and what will be billed, over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider
from api.models.text import Day, Input, Line
from fleet.billing.model import BillDraft
from fleet.billing.service import (
    Billing,
    BillingFault,
    BillingPlan,
    BillingSettings,
    BillKind,
    LineKind,
    RunCounts,
)

SELLER: dict[str, Any] = {
    "name": "深圳南山新能源租赁有限公司",
    "tax_no": "91440300MA5FL0XX1A",
    "address": "深圳市南山区科苑路 1 号",
    "phone": "0755-12345678",
    "bank": "招商银行深圳南山支行",
    "account": "755900000000001",
    "contact": "财务部",
    "wechat": None,
    "note": "请在汇款附言中注明账单号",
}
SETTINGS: dict[str, Any] = {
    "bills_from_on": "2026-11-01",
    "draft_days": 10,
    "issue_days": 7,
    "issues_itself": True,
    "seller": SELLER,
}


class SellerIn(Input):
    """As whom is billed, as it is printed."""

    name: Line
    tax_no: Line | None = None
    address: Line | None = None
    phone: Line | None = None
    bank: Line | None = None
    account: Line | None = None
    contact: Line | None = None
    wechat: Line | None = None
    note: Line | None = None


class BillingSettingsIn(Input):
    """From when, how far ahead, and as whom an organisation bills."""

    model_config = ConfigDict(json_schema_extra={"example": SETTINGS})

    bills_from_on: Day = Field(description="No period of rent that begins earlier is billed.")
    draft_days: int = Field(10, ge=0, le=60, description="Drafted so many days before it is due …")
    issue_days: int = Field(7, ge=0, le=60, description="… and issued so many days before.")
    issues_itself: bool = Field(True, description="False: somebody issues each draft.")
    seller: SellerIn

    def billing(self) -> Billing:
        """As the service takes it."""
        same = {name: getattr(self, name) for name in type(self).model_fields if name != "seller"}
        return Billing(**same, seller=self.seller.model_dump())


class SellerOut(BaseModel):
    """As whom is billed, as it is printed."""

    name: str
    tax_no: str | None = None
    address: str | None = None
    phone: str | None = None
    bank: str | None = None
    account: str | None = None
    contact: str | None = None
    wechat: str | None = None
    note: str | None = None


class BillingSettingsOut(BaseModel):
    """The settings that count for an organisation: its own, or the nearest above."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": "shenzhen-nanshan",
                "of_organisation": "shenzhen",
                **SETTINGS,
                "changed_by": "shenzhen.finance",
                "changed_at": "2026-11-01T00:00:00Z",
                "version": 0,
            }
        }
    )

    organisation: str
    of_organisation: str | None = Field(description="Whose they are; null: out of sight.")
    bills_from_on: date
    draft_days: int
    issue_days: int
    issues_itself: bool
    seller: SellerOut
    changed_by: Decider
    changed_at: datetime
    version: int = Field(description="Of its own; 0 where it has none.")

    @classmethod
    def of(cls, settings: BillingSettings) -> "BillingSettingsOut":
        """As the service gives it."""
        billing = settings.billing
        return cls(
            organisation=settings.organisation_code,
            of_organisation=settings.of_organisation_code,
            bills_from_on=billing.bills_from_on,
            draft_days=billing.draft_days,
            issue_days=billing.issue_days,
            issues_itself=billing.issues_itself,
            seller=SellerOut(**{name: billing.seller.get(name) for name in SellerOut.model_fields}),
            changed_by=settings.changed_by,
            changed_at=settings.changed_at,
            version=settings.version,
        )


class FaultOut(BaseModel):
    """A lease that could not be billed, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lease_no": "L2611-7KQ4MX",
                "organisation": "shenzhen-nanshan",
                "customer_no": "C2611-9QRTKX",
                "fault": "ValueError: what is paid once has an end",
                "looked_at": "2026-11-21T00:10:00Z",
            }
        }
    )

    lease_no: str
    organisation: str
    customer_no: str
    fault: str
    looked_at: datetime = Field(description="It is looked at again the day after.")

    @classmethod
    def of(cls, fault: BillingFault) -> "FaultOut":
        """As the service gives it."""
        return cls(
            lease_no=fault.lease_no,
            organisation=fault.organisation_code,
            customer_no=fault.customer_no,
            fault=fault.fault,
            looked_at=fault.looked_at,
        )


class RunOut(BaseModel):
    """What a run did."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "leases": 12,
                "drafted": 4,
                "discarded": 1,
                "issued": 3,
                "issued_fen": 900000,
                "credit_notes": 0,
                "credited_fen": 0,
                "faulty": [],
                "left": 0,
            }
        }
    )

    leases: int = Field(description="Looked at.")
    drafted: int
    discarded: int
    issued: int
    issued_fen: int
    credit_notes: int
    credited_fen: int
    faulty: list[str] = Field(description="Numbers of leases that could not be billed.")
    left: int = Field(description="Leases that are still to be looked at: run again.")

    @classmethod
    def of(cls, counts: RunCounts) -> "RunOut":
        """As the service gives it."""
        same = [name for name in cls.model_fields if name != "faulty"]
        told = {name: getattr(counts, name) for name in same}
        return cls(**told, faulty=sorted(counts.faults))


class PlannedLineOut(BaseModel):
    """A line that will stand on a bill, by what is known today."""

    kind: LineKind
    title: str
    amount_fen: int = Field(description="VAT included.")
    line_no: int | None
    vin: str | None
    from_on: date | None
    until_on: date | None


class PlannedBillOut(BaseModel):
    """A bill that will be issued, by what is known today."""

    kind: BillKind
    purpose: str
    due_on: date
    issue_on: date
    from_on: date | None
    until_on: date | None
    total_fen: int
    lines: list[PlannedLineOut]

    @classmethod
    def of(cls, draft: BillDraft, plan: BillingPlan) -> "PlannedBillOut":
        """As the service gives it."""
        lines = [
            PlannedLineOut(
                kind=line.kind,
                title=line.title,
                amount_fen=line.amount_fen,
                line_no=line.line_no,
                vin=None if line.vehicle_id is None else plan.vins.get(line.vehicle_id),
                from_on=line.from_on,
                until_on=line.until_on,
            )
            for line in draft.lines
        ]
        names = ("kind", "purpose", "due_on", "issue_on", "from_on", "until_on")
        total_fen = sum(line.amount_fen for line in draft.lines)
        told = {name: getattr(draft, name) for name in names}
        return cls(**told, total_fen=total_fen, lines=lines)


class PlannedCreditOut(BaseModel):
    """What will be taken off bills, by what is known today."""

    amount_fen: int
    reason: str
    from_on: date | None
    until_on: date | None


class BillingPlanOut(BaseModel):
    """What will be billed of a lease, by what is known today; drafts are among it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lease_no": "L2611-7KQ4MX",
                "until_on": "2026-12-31",
                "bills": [
                    {
                        "kind": "rent",
                        "purpose": "rent:2",
                        "due_on": "2026-12-21",
                        "issue_on": "2026-12-14",
                        "from_on": "2026-12-21",
                        "until_on": "2027-01-21",
                        "total_fen": 300000,
                        "lines": [
                            {
                                "kind": "rent",
                                "title": "租金 2026-12-21 至 2027-01-20",
                                "amount_fen": 300000,
                                "line_no": 1,
                                "vin": "LSGPC52U6AF102554",
                                "from_on": "2026-12-21",
                                "until_on": "2027-01-21",
                            }
                        ],
                    }
                ],
                "credits": [],
            }
        }
    )

    lease_no: str
    until_on: date
    bills: list[PlannedBillOut] = Field(description="By the day they are due.")
    credits: list[PlannedCreditOut]

    @classmethod
    def of(cls, plan: BillingPlan) -> "BillingPlanOut":
        """As the service gives it."""
        drafts = sorted(plan.plan.drafts, key=lambda draft: (draft.due_on, draft.purpose))
        names = PlannedCreditOut.model_fields
        credits = [{name: getattr(each, name) for name in names} for each in plan.plan.credits]
        return cls(
            lease_no=plan.lease_no,
            until_on=plan.until_on,
            bills=[PlannedBillOut.of(draft, plan) for draft in drafts],
            credits=[PlannedCreditOut(**each) for each in credits],
        )
