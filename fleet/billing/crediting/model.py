"""The shapes of credit notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fleet.billing.model import LineKind


@dataclass(frozen=True, slots=True)
class CreditWanted:
    """So much shall be taken off a line of a bill; None: all that is left of it."""

    no: int
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class CreditNote:
    """红字/冲减单: so much of a bill is not owed."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_no: str
    customer_name: str
    lease_no: str | None
    bill_no: str
    credit_no: str
    reason: str
    total_fen: int
    vat_fen: int
    issued_on: date
    issued_at: datetime
    issued_by: str | None


@dataclass(frozen=True, slots=True)
class CreditNoteLine:
    """What of a line was taken off; `vat_pct` None: not subject to VAT."""

    no: int
    bill_line_no: int
    kind: LineKind
    title: str
    vin: str | None
    plate: str | None
    amount_fen: int
    net_fen: int
    vat_fen: int
    vat_pct: Decimal | None
    from_on: date | None
    until_on: date | None
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreditNoteDetail:
    """A credit note with its lines, and the SHA-256 of what was frozen of it."""

    note: CreditNote
    lines: Sequence[CreditNoteLine]
    snapshot_sha256: bytes
