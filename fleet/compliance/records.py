"""The shapes in which papers are written down and listed, and how a record is called elsewhere.

Leaves out what a paper means (`model.py`) and what falls due from it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, Literal, TypeVar

from fleet.compliance.cover import CoverState, GapWeight, Overlap, Span
from fleet.compliance.model import (
    BatteryTest,
    Block,
    Inspection,
    InspectionForm,
    InsuredSum,
    Licence,
    Obligation,
    PaperWarning,
    Permit,
    Policy,
    PolicyKind,
)
from fleet.due import DueStatus

Paper = TypeVar("Paper", Inspection, Policy, Permit, BatteryTest)
Place = tuple[Any, int]
"""In a list: what it is ordered by, and the id."""
SubjectKind = Literal["inspection", "policy", "permit", "battery_test"]

COST_KINDS: Final[
    dict[SubjectKind, Literal["inspection", "insurance", "permit", "battery_test"]]
] = {
    "inspection": "inspection",
    "policy": "insurance",
    "permit": "permit",
    "battery_test": "battery_test",
}
"""What a record's cost is called, by the kind of its subject."""


def inspection_key(vin: str, inspected_on: date, form: InspectionForm) -> str:
    """How its documents and costs name an inspection; policies and permits go by their numbers.

    >>> inspection_key("LSGPC52U6AF102554", date(2026, 5, 12), "line")
    'LSGPC52U6AF102554/2026-05-12/line'
    """
    return f"{vin}/{inspected_on.isoformat()}/{form}"


def battery_test_key(vin: str, tested_on: date) -> str:
    """How its documents and costs name a battery test.

    >>> battery_test_key("LSGPC52U6AF102554", date(2026, 5, 12))
    'LSGPC52U6AF102554/2026-05-12'
    """
    return f"{vin}/{tested_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Recorded(Generic[Paper]):
    """A paper, the vehicle it is of, and who wrote it down.

    `organisation_code` is whoever had the vehicle then. It and `recorded_by` are None where they
    are out of sight, as a former operator's people are.
    """

    id: int
    vin: str
    plate: str | None
    organisation_code: str | None
    recorded_by: str | None
    recorded_at: datetime
    paper: Paper


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What a policy says. A day alone stands for its 00:00; as the end of cover for its 24:00."""

    insurer: str
    covered_from: date | datetime
    covered_until: date | datetime
    insured: str | None = None
    use_nature: str | None = None
    covers: tuple[InsuredSum, ...] = ()


@dataclass(frozen=True, slots=True)
class DueObligation:
    """An obligation as it stands on a day."""

    obligation: Obligation
    status: DueStatus
    overdue_days: int
    """Days since the last day all was well; 0 while it is, and where there is no such day."""


@dataclass(frozen=True, slots=True)
class Cover:
    """How a vehicle is insured by policies of a kind: now, and where it was not or doubly.

    `gap_weight` is how bad a gap is while the vehicle is at its present stage.
    """

    state: CoverState
    gaps: list[Span]
    overlaps: list[Overlap]
    gap_weight: GapWeight


@dataclass(frozen=True, slots=True)
class PapersOfVehicle:
    """Everything of one vehicle, for its page. Policies are those in force and to come."""

    licence: Licence | None
    inspection: Inspection | None
    policies: list[Policy]
    permits: list[Permit]
    battery_test: BatteryTest | None
    obligations: list[DueObligation]
    blocks: list[Block]
    warnings: list[PaperWarning]


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence from a sheet; `inspection_valid_to_on` is the last day of the printed month."""

    vin: str
    vehicle_type: str
    use_nature: str
    registered_on: date
    issued_on: date | None = None
    motor_no: str | None = None
    gvw_kg: int | None = None
    seats: int | None = None
    inspection_valid_to_on: date | None = None


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy from a sheet, in force during [covered_from_at, covered_until_at)."""

    vin: str
    kind: PolicyKind
    policy_no: str
    insurer: str
    covered_from_at: datetime
    covered_until_at: datetime
    insured: str | None = None
    use_nature: str | None = None
    covers: tuple[InsuredSum, ...] = ()
    premium_fen: int | None = None


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """An inspection from a sheet; `valid_to_on` is the last day of the printed month."""

    vin: str
    form: InspectionForm
    inspected_on: date
    passed: bool
    valid_to_on: date | None = None
    place: str | None = None
    report_no: str | None = None
    cost_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """What is kept of an obligation differs from what follows from the papers; None: nothing."""

    vin: str
    kind: str
    kept: dict[str, Any] | None
    follows: dict[str, Any] | None
