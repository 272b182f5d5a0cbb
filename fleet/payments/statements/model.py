"""The shapes of bank statements: a line as it was read, a row that was refused, what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fleet.payments.matching.model import Proposal
from fleet.payments.statements.formats import BankColumns

Cells = Sequence[str | None]
Row = tuple[int, Cells]
"""Its number in the file, from 1, and the texts of its cells."""


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in by a row. `payer_account` in full, for as long as it is matched."""

    row_no: int
    received_on: date
    amount_fen: int
    reference: str | None
    payer_name: str | None
    payer_account: str | None
    remark: str | None
    balance_fen: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: where, why, and its cells, accounts masked."""

    row_no: int
    column: str | None
    code: str
    en: str
    zh: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `skipped`: totals, notes, repeated headings, blank rows."""

    header_row_no: int
    lines: tuple[Line, ...]
    refusals: tuple[Refusal, ...]
    outgoing: int
    skipped: int


@dataclass(frozen=True, slots=True)
class BankFormat:
    """Which column is what, as an organisation said it, or (`shipped`) as it is delivered."""

    code: str
    title: str
    columns: BankColumns
    organisation_code: str | None
    recorded_by: str | None
    recorded_at: datetime | None
    version: int
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of money: `rows` = new + known + outgoing + refused.

    `claimed` of the new ones are a customer's by themselves; `derived` had no number of the bank.
    """

    rows: int
    new: int
    known: int
    outgoing: int
    refused: int
    claimed: int
    derived: int


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A file that was brought in, and each row that was not, with why."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    file_name: str
    sha256: bytes
    format_code: str
    counts: dict[str, Any]
    refusals: list[dict[str, Any]]
    imported_by: str | None
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class UnclaimedRow:
    """A receipt that is nobody's yet, as it is kept. `proposal`: as of when it came in."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    payment_no: str
    channel: str
    bank_reference: str | None
    received_on: date
    amount_fen: int
    payer_name: str | None
    payer_account: str | None
    remark: str | None
    source: str
    statement_key: str | None
    proposal: list[dict[str, Any]] | None
    recorded_by: str | None
    recorded_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A receipt that is nobody's yet, and whose it may be by what is known now."""

    row: UnclaimedRow
    proposals: tuple[Proposal, ...]
