"""The shapes of a vehicle's papers, of what falls due from them, and of what they forbid.

Periods are half-open [from_at, until_at). Rows as lists show them, with their organisation and who
recorded them, are not told here: decisions need none of that.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from fleet.figures import (
    BatteryTestLimits,
    InspectionIntervals,
    InspectionOverdue,
    InspectionWindow,
    InsuredUse,
    PermitRules,
    RenewalWindows,
    ScrapRisk,
    ServiceLife,
)

InspectionForm = Literal["printed", "line", "sticker"]
"""line: on the inspection line; sticker: mark only; printed: read off the licence."""
PolicyKind = Literal["compulsory", "commercial"]
BatteryResult = Literal["normal", "maintain"]
"""正常, 建议维护."""
ObligationKind = Literal[
    "inspection",
    "compulsory",
    "commercial",
    "permit",
    "permit_review",
    "permit_technical",
    "service_life",
    "scrap_risk",
    "battery_test",
]
"""What this slice decides; `maintenance` is decided by fleet/service."""


@dataclass(frozen=True, slots=True)
class Licence:
    """行驶证 as printed. `stricter`: it lost the easier intervals of a private passenger car."""

    vehicle_type: str
    use_nature: str
    registered_on: date
    issued_on: date | None = None
    motor_no: str | None = None
    gvw_kg: int | None = None
    seats: int | None = None
    stricter: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection, or one look at the licence; `valid_to_on` is the last day of the month."""

    form: InspectionForm
    inspected_on: date
    passed: bool
    valid_to_on: date | None
    place: str | None = None
    report_no: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class InsuredSum:
    """What a policy covers (车损, 三者, 车上人员 …) and up to how much, in fen."""

    cover: str
    sum_fen: int


@dataclass(frozen=True, slots=True)
class Policy:
    """An insurance in force during [from_at, until_at), unless it was voided."""

    kind: PolicyKind
    policy_no: str
    insurer: str
    from_at: datetime
    until_at: datetime
    insured: str | None = None
    use_nature: str | None = None
    covers: tuple[InsuredSum, ...] = ()
    voided_at: datetime | None = None
    voided_because: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Permit:
    """道路运输证 and who holds it. `*_to_on` is a last good day, where the paper names one."""

    permit_no: str
    holder: str
    issued_on: date
    valid_to_on: date | None = None
    reviewed_to_on: date | None = None
    technical_to_on: date | None = None
    withdrawn_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class BatteryTest:
    """A battery safety test after GB/T 44500-2024; temperatures are the highest seen, in °C."""

    tested_on: date
    result: BatteryResult
    place: str | None = None
    soh_pct: Decimal | None = None
    charge_max_c: Decimal | None = None
    discharge_max_c: Decimal | None = None
    motor_max_c: Decimal | None = None
    controller_max_c: Decimal | None = None
    converter_max_c: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class VehiclePapers:
    """All that is on record of one vehicle, in any order.

    `zone` is that of the organisation that has it. `model_gvw_kg` and `battery_chemistry` come from
    its model and count where the licence is silent. `holder_names` are the names of its owner and
    its operator: who may hold its permit; empty: not known, nothing is compared.
    """

    vehicle_id: int
    vin: str
    tenant_id: int
    zone: str
    stage: str
    licence: Licence | None = None
    inspections: tuple[Inspection, ...] = ()
    policies: tuple[Policy, ...] = ()
    permits: tuple[Permit, ...] = ()
    battery_tests: tuple[BatteryTest, ...] = ()
    model_gvw_kg: int | None = None
    battery_chemistry: str | None = None
    holder_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures in force for a tenant on a day."""

    intervals: InspectionIntervals
    window: InspectionWindow
    overdue: InspectionOverdue
    scrap: ScrapRisk
    life: ServiceLife
    renewal: RenewalWindows
    insured_use: InsuredUse
    permit: PermitRules
    battery: BatteryTestLimits


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is due of a vehicle. `due_on` is the last day all is well; None: no record says when.

    `reference` is empty: one of a kind a vehicle. `due_at` is the instant a paper names,
    `window_from_on` the first day it may be done. `facts` are ready for JSON: days and instants are
    ISO texts, months "2026-05".
    """

    kind: ObligationKind
    due_on: date | None
    due_at: datetime | None = None
    window_from_on: date | None = None
    reference: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """Why a vehicle may not be handed over.

    `kind` is a stable word ("inspection_overdue"), `rule` the law, `paper` the kind of paper,
    `paper_no` its number where it has one, `since_on` the first day it was so (None: no record).
    """

    kind: str
    rule: str
    paper: str
    since_on: date | None
    message_en: str
    message_zh: str
    paper_no: str | None = None


@dataclass(frozen=True, slots=True)
class PaperWarning:
    """What speaks against a hand-over without forbidding it; fields as of a Block."""

    kind: str
    rule: str
    paper: str
    since_on: date | None
    message_en: str
    message_zh: str
    paper_no: str | None = None
