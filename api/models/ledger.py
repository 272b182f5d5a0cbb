"""The ledger over HTTP: balances, entries, the journal, closed months."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Code, Input
from fleet.ledger.service import (
    CHART,
    Account,
    AccountBalance,
    AccountKind,
    Closing,
    EventKind,
    JournalRow,
    PostedEntry,
    PostedSide,
    voucher_no,
)

Month = Annotated[
    str,
    Field(
        max_length=7,
        pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$",
        description="A month, YYYY-MM.",
        examples=["2026-03"],
    ),
]
BALANCE: Final[dict[str, Any]] = {
    "account": "receivable",
    "code": "1122",
    "name": "Receivables",
    "chinese": "应收账款",
    "kind": "asset",
    "opening_fen": 0,
    "debit_fen": 1_250_000,
    "credit_fen": 900_000,
    "balance_fen": 350_000,
}
SIDE: Final[dict[str, Any]] = {
    "no": 1,
    "account": "receivable",
    "code": "1122",
    "chinese": "应收账款",
    "debit_fen": 300_000,
    "credit_fen": 0,
    "customer_no": "C2611-9QRTKX",
    "lease_no": "L2611-7KQ4MX",
    "vin": None,
}
ENTRY: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "voucher_no": "记-0012",
    "booked_on": "2026-03-02",
    "happened_on": "2026-03-02",
    "title": "账单 B2026-3-000018",
    "event_kind": "bill",
    "event_key": "B2026-3-000018",
    "part": 0,
    "postings": [
        SIDE,
        {**SIDE, "no": 2, "account": "deferred_revenue", "code": "220302"}
        | {"chinese": "预收账款—预收租金", "debit_fen": 0, "credit_fen": 265_487},
        {**SIDE, "no": 3, "account": "vat_pending", "code": "222110"}
        | {"chinese": "应交税费—待转销项税额", "debit_fen": 0, "credit_fen": 34_513},
    ],
    "recorded_by": "guanche",
    "recorded_at": "2026-03-02T01:00:00Z",
}
JOURNAL: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "booked_on": "2026-03-02",
    "voucher_no": "记-0012",
    "line_no": 1,
    "title": "账单 B2026-3-000018",
    "code": "1122",
    "account": "应收账款",
    "debit_fen": 300_000,
    "credit_fen": 0,
    "customer_no": "C2611-9QRTKX",
    "customer_name": "顺达物流有限公司",
    "lease_no": "L2611-7KQ4MX",
    "vin": None,
    "event_kind": "bill",
    "event_key": "B2026-3-000018",
}
CLOSING: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "month": "2026-03",
    "balances": {"receivable": 350_000, "rent_revenue": -350_000},
    "closed_by": "nanshan.finance",
    "closed_at": "2026-04-03T02:00:00Z",
}


class BalanceOut(BaseModel):
    """What an account came to, in fen: debits count up, credits down."""

    model_config = ConfigDict(json_schema_extra={"example": BALANCE})

    account: Account
    code: str = Field(description="Of the chart, 会计科目编码.")
    name: str
    chinese: str
    kind: AccountKind
    opening_fen: int = Field(description="Before `from_on`; 0 where it was not asked for.")
    debit_fen: int = Field(description="Posted since.")
    credit_fen: int = Field(description="Posted since.")
    balance_fen: int = Field(description="At the end of the day; all together are 0.")

    @classmethod
    def of(cls, balance: AccountBalance) -> "BalanceOut":
        """As the service gives it."""
        return cls.model_validate(balance, from_attributes=True)


class PostingOut(BaseModel):
    """One side of an entry."""

    model_config = ConfigDict(json_schema_extra={"example": SIDE})

    no: int = Field(ge=1)
    account: Account
    code: str
    chinese: str
    debit_fen: int = Field(ge=0)
    credit_fen: int = Field(ge=0)
    customer_no: str | None
    lease_no: str | None
    vin: str | None

    @classmethod
    def of(cls, side: PostedSide) -> "PostingOut":
        """As the service gives it."""
        named = CHART[side.account]
        return cls(
            no=side.no,
            account=side.account,
            code=named.code,
            chinese=named.chinese,
            debit_fen=max(side.amount_fen, 0),
            credit_fen=max(-side.amount_fen, 0),
            customer_no=side.customer_no,
            lease_no=side.lease_no,
            vin=side.vin,
        )


class EntryOut(BaseModel):
    """凭证: what an event did to the book. It is never changed."""

    model_config = ConfigDict(json_schema_extra={"example": ENTRY})

    organisation: str
    voucher_no: str = Field(description="Counts within the month; it stays once that is closed.")
    booked_on: date = Field(description="The day it counts on: not before the first open day.")
    happened_on: date
    title: str
    event_kind: EventKind
    event_key: str
    part: int = Field(ge=0, description="Of an event of several days.")
    postings: list[PostingOut]
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, entry: PostedEntry) -> "EntryOut":
        """As the service gives it."""
        apart = {"organisation", "voucher_no", "postings"}
        same = {name: getattr(entry, name) for name in cls.model_fields if name not in apart}
        return cls(
            **same,
            organisation=entry.organisation_code,
            voucher_no=voucher_no(entry.voucher),
            postings=[PostingOut.of(side) for side in entry.postings],
        )


class JournalOut(BaseModel):
    """A line of the journal (序时账), as accounting software takes it."""

    model_config = ConfigDict(json_schema_extra={"example": JOURNAL})

    organisation: str
    booked_on: date
    voucher_no: str
    line_no: int = Field(ge=1)
    title: str
    code: str
    account: str
    debit_fen: int = Field(ge=0)
    credit_fen: int = Field(ge=0)
    customer_no: str | None
    customer_name: str | None
    lease_no: str | None
    vin: str | None
    event_kind: EventKind
    event_key: str

    @classmethod
    def of(cls, row: JournalRow) -> "JournalOut":
        """As the service gives it."""
        same = ("booked_on", "title", "customer_no", "customer_name", "lease_no", "vin")
        return cls(
            **{name: getattr(row, name) for name in (*same, "event_kind", "event_key")},
            organisation=row.organisation_code,
            voucher_no=voucher_no(row.voucher),
            line_no=row.no,
            code=CHART[row.account].code,
            account=CHART[row.account].chinese,
            debit_fen=max(row.amount_fen, 0),
            credit_fen=max(-row.amount_fen, 0),
        )


class ClosingIn(Input):
    """A month to close, of an organisation and all below it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"organisation": "shenzhen-nanshan", "month": "2026-03"}}
    )

    organisation: Code
    month: Month


class ClosingOut(BaseModel):
    """A month of a book that is closed, with what its accounts came to then."""

    model_config = ConfigDict(json_schema_extra={"example": CLOSING})

    organisation: str
    month: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")
    balances: dict[str, int] = Field(description="In fen, by account; debits above zero.")
    closed_by: Writer
    closed_at: datetime

    @classmethod
    def of(cls, closing: Closing) -> "ClosingOut":
        """As the service gives it."""
        return cls(
            organisation=closing.organisation_code,
            month=f"{closing.month_on:%Y-%m}",
            balances=closing.balances,
            closed_by=closing.closed_by,
            closed_at=closing.closed_at,
        )


class ClosedOut(BaseModel):
    """The books whose month was closed just now."""

    model_config = ConfigDict(json_schema_extra={"example": {"closings": [CLOSING]}})

    closings: list[ClosingOut]
