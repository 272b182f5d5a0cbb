"""The shapes of making and issuing bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fleet.billing.model import BillDraft, BillKind, BillLine


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose bill it is: organisation, customer, and the lease it is of, where it is of one."""

    tenant_id: int
    organisation_id: int
    customer_id: int
    lease_id: int | None


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft that is to be written: what it says, its lines with their VAT, and its digest.

    `late_fee`: as the contract says it, ready for JSON, with its clause.
    """

    whose: Whose
    draft: BillDraft
    lines: Sequence[BillLine]
    late_fee: Mapping[str, Any] | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """A bill that was just issued."""

    id: int
    key: UUID
    bill_no: str
    tenant_id: int
    organisation_id: int
    organisation_code: str
    lease_id: int | None
    kind: BillKind
    issued_on: date
    due_on: date
    total_fen: int
