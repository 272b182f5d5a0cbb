"""The shapes of bills as they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fleet.billing.context import PlanContext
from fleet.billing.model import Bill, BillLine, Plan


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line, its vehicle, and what credit notes took off it."""

    line: BillLine
    vin: str | None
    plate: str | None
    credited_fen: int


@dataclass(frozen=True, slots=True)
class BillDetail:
    """A bill with its lines; of an issued one the SHA-256 of what was frozen of it, and the numbers
    of its credit notes.
    """

    bill: Bill
    lines: Sequence[LineShown]
    snapshot_sha256: bytes | None
    credit_nos: Sequence[str]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is printed of a bill or a credit note, as it was that day; `content` is its JSON."""

    key: str
    tenant_id: int
    organisation_id: int
    content: Mapping[str, Any]
    sha256: bytes
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class BillingPlan:
    """What will be billed of a lease up to a day, by what is known now; its drafts are among it.

    `vins`: of the vehicles of its lines, by id, those in sight.
    """

    lease_no: str
    until_on: date
    context: PlanContext
    plan: Plan
    vins: Mapping[int, str]
