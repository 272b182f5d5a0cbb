"""Invoice requests over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Day, Input, Line
from fleet.invoices.service import InvoiceKind, InvoiceRequest, InvoiceState, RequestedLine

LINE: Final[dict[str, Any]] = {
    "no": 1,
    "bill_no": "B2026-3-000018",
    "bill_line_no": 1,
    "item": "租金 2026-03-02 至 2026-04-01",
    "amount_fen": 300_000,
    "net_fen": 265_487,
    "vat_fen": 34_513,
    "vat_pct": "13.00",
}
REQUEST: Final[dict[str, Any]] = {
    "request_no": "I2603-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "kind": "special",
    "red": False,
    "reverses_no": None,
    "title": "顺达物流有限公司",
    "tax_no": "91440300MA5EXAMP0X",
    "address": "深圳市南山区科技路 1 号",
    "bill_nos": ["B2026-3-000018"],
    "total_fen": 300_000,
    "vat_fen": 34_513,
    "state": "issued",
    "invoice_no": "26442000000123456789",
    "invoiced_on": "2026-03-05",
    "note": None,
    "lines": [LINE],
    "requested_by": "nanshan.finance",
    "requested_at": "2026-03-03T02:00:00Z",
    "version": 2,
}
BillNo = Annotated[
    str, Field(min_length=1, max_length=40, pattern=r"^[0-9A-Z-]+$", examples=["B2026-3-000018"])
]
RequestNoPath = Annotated[
    str, Path(max_length=40, description="Number of the request.", examples=["I2603-7KQ4MX"])
]


class InvoiceLineOut(BaseModel):
    """Of which line of which bill how much; of a red-letter invoice below zero."""

    model_config = ConfigDict(json_schema_extra={"example": LINE})

    no: int = Field(ge=1)
    bill_no: str
    bill_line_no: int = Field(ge=1)
    item: str
    amount_fen: int = Field(description="With VAT.")
    net_fen: int
    vat_fen: int
    vat_pct: str = Field(description="The rate in per cent.")

    @classmethod
    def of(cls, line: RequestedLine) -> "InvoiceLineOut":
        """As the service gives it."""
        same = {name: getattr(line, name) for name in cls.model_fields if name != "vat_pct"}
        return cls(**same, vat_pct=str(line.vat_pct))


class InvoiceRequestOut(BaseModel):
    """开票申请: what shall be invoiced to whom, and the number that came back."""

    model_config = ConfigDict(json_schema_extra={"example": REQUEST})

    request_no: str
    organisation: str = Field(description="The seller.")
    customer_no: str
    kind: InvoiceKind = Field(description="增值税专用发票 or 普通发票.")
    red: bool = Field(description="A red-letter invoice 红字发票.")
    reverses_no: str | None = Field(description="The request whose invoice it takes back.")
    title: str = Field(description="发票抬头.")
    tax_no: str | None
    address: str | None
    bill_nos: list[str]
    total_fen: int
    vat_fen: int
    state: InvoiceState
    invoice_no: str | None = Field(description="数电票号码, 20 digits.")
    invoiced_on: date | None
    note: str | None = Field(description="Why it was withdrawn or reversed.")
    lines: list[InvoiceLineOut]
    requested_by: Writer
    requested_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, request: InvoiceRequest) -> "InvoiceRequestOut":
        """As the service gives it."""
        apart = {"organisation", "address", "note", "lines"}
        same = {name: getattr(request, name) for name in cls.model_fields if name not in apart}
        return cls(
            **same,
            organisation=request.organisation_code,
            address=request.buyer.get("address"),
            note=request.state_note,
            lines=[InvoiceLineOut.of(line) for line in request.lines],
        )


class InvoiceRequestIn(Input):
    """Bills of one customer to be invoiced: all of them that is left."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"bill_nos": ["B2026-3-000018"], "kind": "special"}}
    )

    bill_nos: Annotated[list[BillNo], Field(min_length=1, max_length=100)]
    kind: InvoiceKind


class InvoiceNumberIn(Input):
    """The number that came back from the tax system."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"invoice_no": "26442000000123456789", "invoiced_on": "2026-03-05"}
        }
    )

    invoice_no: Line = Field(description="数电票号码, 20 digits.")
    invoiced_on: Day = Field(description="The day printed on it.")


class Withdrawal(Input):
    """Why it shall not be invoiced."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "客户暂不需要"}})

    note: Line


class Reversal(Input):
    """Why an invoice is taken back by a red-letter invoice, and how much of it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"note": "退租冲减", "credited_only": True}}
    )

    note: Line
    credited_only: bool = Field(
        False, description="Only what credit notes took off its bills since; else all that is left."
    )


class NumbersOut(BaseModel):
    """How many numbers a file brought."""

    model_config = ConfigDict(json_schema_extra={"example": {"numbers": 28}})

    numbers: int = Field(ge=1)
