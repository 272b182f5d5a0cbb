"""The shapes of invoice requests: what shall be invoiced, and the number that came back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args

InvoiceKind = Literal["special", "ordinary"]
"""增值税专用发票, 普通发票."""
INVOICE_KINDS: Final[tuple[InvoiceKind, ...]] = get_args(InvoiceKind)
InvoiceState = Literal["requested", "issued", "withdrawn"]
INVOICE_STATES: Final[tuple[InvoiceState, ...]] = get_args(InvoiceState)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of an issued bill that is subject to VAT, and what became of it, in fen.

    `credited_…`: taken off by credit notes. `asked_…`: on invoice requests that were not withdrawn,
    less what red ones take back.
    """

    bill_id: int
    bill_no: str
    bill_line_no: int
    item: str
    vat_pct: Decimal
    amount_fen: int
    vat_fen: int
    credited_fen: int
    credited_vat_fen: int
    asked_fen: int
    asked_vat_fen: int


@dataclass(frozen=True, slots=True)
class BilledTo:
    """Whose bill it is and who sells; `customer_no` is of the customer that counts, if merged."""

    bill_id: int
    bill_no: str
    tenant_id: int
    organisation_id: int
    zone: str
    customer_id: int
    customer_no: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line of a request before it has its place; of a red one below zero."""

    bill_id: int
    bill_line_no: int
    item: str
    amount_fen: int
    vat_fen: int
    vat_pct: Decimal

    @property
    def net_fen(self) -> int:
        """Without VAT."""
        return self.amount_fen - self.vat_fen


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """A line of a request: of which line of which bill how much, in fen. Of red ones below zero."""

    request_id: int
    no: int
    bill_id: int
    bill_no: str
    bill_line_no: int
    item: str
    amount_fen: int
    net_fen: int
    vat_fen: int
    vat_pct: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceRequest:
    """开票申请: what shall be invoiced to whom, and the number of the invoice once there is one.

    `red`: a red-letter invoice (红字发票), which takes back what `reverses_no` invoiced.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    request_no: str
    customer_id: int
    customer_no: str
    kind: InvoiceKind
    red: bool
    reverses_id: int | None
    reverses_no: str | None
    title: str
    tax_no: str | None
    buyer: dict[str, Any]
    bill_nos: list[str]
    total_fen: int
    vat_fen: int
    state: InvoiceState
    invoice_no: str | None
    invoiced_on: date | None
    state_note: str | None
    requested_by: str | None
    requested_at: datetime
    version: int
    lines: tuple[RequestedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberRow:
    """The number of an invoice as it stands in a row of a file: which request it answers."""

    row_no: int
    request_no: str
    invoice_no: str
    invoiced_on: date
