"""The shapes of contracts: texts by edition, what was made of them, and how it went on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

LeaseKind = Literal["short", "long", "lease_to_own"]
Concern = Literal[
    "late_fee", "lock", "termination", "repossession", "deposit", "sub_letting", "early_end"
]
"""What terms of a lease may stand on: as `fleet/leasing/terms.py` has them."""
CONCERNS: Final[tuple[Concern, ...]] = get_args(Concern)
Origin = Literal["made", "uploaded", "signed"]
State = Literal["made", "sent", "signed", "void"]
Method = Literal["paper", "local_stand_in", "provider"]
Store = Literal["files", "vault_copy"]
Role = Literal["lessor", "lessee", "guarantor"]
Channel = Literal["paper", "in_person", "email", "message", "online"]
"""By post or hand on paper; shown in person; by e-mail; by text message; on a page."""
Clock = Literal["installation", "provider", "paper", "told"]
"""Whose clock a time is of: ours; the provider's; what the paper says; what somebody told."""
EventKind = Literal[
    "made", "uploaded", "sent", "received", "prompted", "acknowledged", "signed", "copied",
    "verified", "changed", "void",
]  # fmt: skip
PDF: Final = "application/pdf"
MOST_BYTES: Final = 20 * 1024 * 1024
"""Of a signed paper that is brought."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause; `{names}` in it are filled in (`placeholders.py`)."""

    no: str
    heading: str
    paragraphs: Sequence[str]
    highlighted: bool = False
    concerns: Concern | None = None


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A text that is to be published."""

    code: str
    lease_kind: LeaseKind
    title: str
    clauses: Sequence[Clause]


@dataclass(frozen=True, slots=True)
class Template:
    """An edition of a text. `sha256` is of its title and clauses."""

    id: int
    tenant_id: int
    code: str
    edition: int
    lease_kind: LeaseKind
    title: str
    clauses: Sequence[Clause]
    sha256: bytes
    published_by: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a contract says of the lessor and of the place, and no table has; None leaves a line to
    write on."""

    lessor_name: str | None = None
    lessor_credit_code: str | None = None
    lessor_address: str | None = None
    lessor_phone: str | None = None
    lessor_representative: str | None = None
    lessor_account: str | None = None
    lessee_representative: str | None = None
    signed_in: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a contract."""

    name: str
    kind: Literal["person", "company"]
    id_type: str | None = None
    id_masked: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    representative: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """A lease as its contract needs it; `terms` as JSON (`fleet/leasing/terms.py`)."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_name: str
    zone: str
    lease_no: str
    state: str
    kind: LeaseKind
    customer_id: int
    starts_on: date
    ends_on: date | None
    ended_at: datetime | None
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """The vehicle that fills a line or shall; without one the line is still open."""

    line_no: int
    vin: str | None = None
    plate: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class RentPeriod:
    """From its first day to its last, what is due on which day, of all lines together."""

    no: int
    from_on: date
    last_on: date
    due_on: date
    rent_fen: int


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs, or signed: then by whose clock."""

    no: int
    role: Role
    name: str
    id_type: str | None = None
    id_masked: str | None = None
    authority: str | None = None
    signed_at: datetime | None = None
    signed_clock: str | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class ContractEvent:
    """How a contract went on. `happened_at` by `clock`, `recorded_at` by ours."""

    id: int
    kind: EventKind
    happened_at: datetime
    clock: str
    party: str | None
    channel: str | None
    content: Mapping[str, Any]
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """Where the bytes lie; `fault` is what the last look found wrong there."""

    store: Store
    stored_at: datetime
    verified_at: datetime | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Contract:
    """An edition of a lease's contract. Its bytes never change.

    `fault` says what the last verification found wrong; None: nothing. `parent_no` is the edition
    it was made after.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    contract_no: str
    lease_id: int
    lease_no: str
    edition: int
    parent_id: int | None
    parent_no: str | None
    origin: Origin
    template_id: int | None
    template_code: str | None
    template_edition: int | None
    template_sha256: bytes | None
    terms_sha256: bytes | None
    file_name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    state: State
    method: Method | None
    provider_ref: str | None
    certificate: Mapping[str, Any] | None
    timestamp_token: bytes | None
    consent_version: str | None
    retain_until_on: date | None
    created_by: str | None
    created_at: datetime
    signed_at: datetime | None
    verified_at: datetime | None
    verify_next_at: datetime
    fault: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The terms name another clause for a remedy than the text has it in."""

    concern: str
    terms_say: str
    clause_no: str


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """An edition with all that belongs to it.

    `highlighted` are the numbers of the clauses to be acknowledged; `acknowledged`: they were.
    """

    contract: Contract
    signatories: Sequence[Signatory]
    events: Sequence[ContractEvent]
    copies: Sequence[Copy]
    highlighted: Sequence[str] = ()
    acknowledged: bool = False
    mismatches: Sequence[Mismatch] = ()
    upload_until_at: datetime | None = None
    """Until when a signed one is to be told to 12123."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What reading a contract again found, by store; an empty one: it could not be read now."""

    contract: Contract
    faults: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every copy was read and is what was kept."""
        return not self.faults and not self.unread
