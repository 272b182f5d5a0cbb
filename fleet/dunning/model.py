"""The shapes of dunning: what is open, what was made of it, notices and how they arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from fleet.lease_book import ClauseConcern, LateFee

NoticeKind = Literal[
    "reminder", "call", "demand", "lock_notice", "rescission_notice", "recovery", "suit"
]
NOTICE_KINDS: Final[tuple[NoticeKind, ...]] = get_args(NoticeKind)
NoticeState = Literal["made", "sent", "arrived", "withdrawn"]
Channel = Literal["wechat", "sms", "email", "post", "by_hand", "call"]
Result = Literal["sent", "arrived", "refused", "failed"]
FORMAL: Final[frozenset[NoticeKind]] = frozenset(
    {"demand", "lock_notice", "rescission_notice", "recovery", "suit"}
)
"""They ask for payment in writing and set a time: each that arrives restarts the limitation period,
and how it arrived has to be proved."""
SETTLED: Final = "settled"
"""Why the job withdrew a notice: the bill was paid before it was sent. It is made anew if the bill
is open again, one that somebody withdrew is not."""


@dataclass(frozen=True, slots=True)
class BillDue:
    """An open bill, as the ladder looks at it, in fen."""

    bill_id: int
    bill_no: str
    tenant_id: int
    organisation_id: int
    customer_id: int
    lease_id: int | None
    kind: str
    due_on: date
    issued_on: date
    open_fen: int
    open_principal_fen: int
    late_fee: LateFee | None
    late_fee_clause: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A notice that was made of a bill on a stage. `arrived_on`: None until it did."""

    bill_id: int
    stage: str
    state: NoticeState
    state_note: str | None
    arrived_on: date | None
    deadline_on: date | None
    notice_no: str = ""


@dataclass(frozen=True, slots=True)
class LeaseDue:
    """What of a lease decides on its notices.

    `runs`: it is neither over nor cancelled. `total_rent_fen`: of a lease-to-own, all of its rent.
    """

    lease_id: int
    lease_no: str
    kind: Literal["short", "long", "lease_to_own"]
    runs: bool
    vehicles_out: int
    clauses: Mapping[ClauseConcern, str]
    total_rent_fen: int | None


Why = Literal[
    "clause_missing",
    "not_arrived",
    "deadline_runs",
    "too_little_unpaid",
    "lapsed",
    "not_applicable",
]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A stage whose day has come, and why no notice is made of it."""

    bill_no: str
    lease_no: str | None
    stage: str
    why: Why
    clause: ClauseConcern | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who owes, as a letter names them."""

    customer_id: int
    customer_no: str
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A bill as a notice demands it, in fen. `late_fee_days`: 0 within the grace."""

    bill_no: str
    kind: str
    due_on: date
    days_overdue: int
    open_fen: int
    late_fee_fen: int = 0
    late_fee_days: int = 0
    late_fee_capped: bool = False
    late_fee: LateFee | None = None
    late_fee_clause: str | None = None

    def told(self) -> dict[str, Any]:
        """As the facts of a notice tell it."""
        agreed = None
        if self.late_fee is not None:
            agreed = {**self.late_fee.model_dump(mode="json"), "clause": self.late_fee_clause}
        return {
            "bill_no": self.bill_no,
            "kind": self.kind,
            "due_on": self.due_on.isoformat(),
            "days_overdue": self.days_overdue,
            "open_fen": self.open_fen,
            "late_fee_fen": self.late_fee_fen,
            "late_fee_days": self.late_fee_days,
            "late_fee_capped": self.late_fee_capped,
            "late_fee": agreed,
        }


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a text is written from. The first claim is the one the notice is of."""

    kind: NoticeKind
    made_on: date
    notice_no: str
    customer: Customer
    seller: Mapping[str, str]
    lease_no: str | None
    lease_kind: str | None
    claims: Sequence[Claim]
    clause: str | None = None
    deadline_days: int | None = None
    demanded: tuple[str, date] | None = None
    """Number and arrival of the notice that this one follows."""

    @property
    def open_fen(self) -> int:
        """What is open of all claims."""
        return sum(claim.open_fen for claim in self.claims)

    @property
    def late_fee_fen(self) -> int:
        """The late fees of all claims to the day."""
        return sum(claim.late_fee_fen for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, without its text. `open_fen` and `late_fee_fen` are what it demands, of its bill
    and, where it is a letter, of all overdue bills of the lease; `open_now_fen` is of its bill.

    `demanded_on`: days on which formal notices of the bill arrived.
    """

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    notice_no: str
    customer_no: str
    customer_name: str
    lease_no: str | None
    bill_no: str
    bill_due_on: date
    stage: str
    kind: NoticeKind
    stage_on: date
    title: str
    made_at: datetime
    made_by: str | None
    """None where it was made out of sight."""
    open_fen: int
    late_fee_fen: int
    open_now_fen: int
    deadline_on: date | None
    clause: str | None
    rule: str | None
    state: NoticeState
    state_note: str | None
    arrived_at: datetime | None
    version: int
    demanded_on: Sequence[date]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An attempt to have a notice arrive, and what came of it."""

    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None
    result: Result
    proof: str | None
    document_key: UUID | None
    note: str | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A notice and until when its bill can be sued for."""

    notice: Notice
    limitation_on: date


@dataclass(frozen=True, slots=True)
class NoticeDetail:
    """A notice with its text, as it was made, and each delivery."""

    listed: Listed
    content: Mapping[str, Any]
    deliveries: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run did for an organisation. `faults`: stages that lack something to be put right."""

    organisation_id: int
    bills: int
    made: Mapping[str, int] = field(default_factory=dict)
    """By kind."""
    withdrawn: int = 0
    faults: Sequence[Lacking] = ()
