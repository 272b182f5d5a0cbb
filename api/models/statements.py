"""Statements of account over HTTP."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.statements.service import MovementKind, Statement, row_words

EXAMPLE: dict[str, Any] = {
    "customer_no": "C2611-9QRTKX",
    "customer_nos": ["C2611-9QRTKX"],
    "name": "深圳市顺达同城配送有限公司",
    "organisation": "shenzhen-nanshan",
    "from_on": "2026-11-01",
    "until_on": "2026-12-01",
    "made_at": "2026-12-01T01:00:00Z",
    "opening_fen": 0,
    "rows": [
        {
            "on": "2026-11-01",
            "kind": "bill",
            "number": "B2026-3-000017",
            "detail": "rent",
            "title": "租金账单",
            "lease_no": "L2611-7KQ4MX",
            "due_on": "2026-11-01",
            "debit_fen": 300_000,
            "credit_fen": 0,
            "balance_fen": 300_000,
        },
        {
            "on": "2026-11-03",
            "kind": "payment",
            "number": "R2026-7K3M9Q",
            "detail": "bank",
            "title": "收款（银行转账）",
            "lease_no": None,
            "due_on": None,
            "debit_fen": 0,
            "credit_fen": 200_000,
            "balance_fen": 100_000,
        },
    ],
    "debits_fen": 300_000,
    "credits_fen": 200_000,
    "closing_fen": 100_000,
    "open_bills": [
        {
            "bill_no": "B2026-3-000017",
            "lease_no": "L2611-7KQ4MX",
            "kind": "rent",
            "issued_on": "2026-11-01",
            "due_on": "2026-11-01",
            "total_fen": 300_000,
            "open_fen": 100_000,
            "overdue_days": 29,
        }
    ],
    "ageing": [
        {"from_days": None, "to_days": None, "open_fen": 0},
        {"from_days": 1, "to_days": 30, "open_fen": 100_000},
    ],
    "open_fen": 100_000,
    "credit_fen": 0,
    "deposits_opening_fen": 800_000,
    "deposits": [],
    "deposits_held_fen": 800_000,
}


class StatementRowOut(BaseModel):
    """A bill, a payment or what else moved the balance, with the balance after it."""

    on: date
    kind: MovementKind
    number: str = Field(description="Of the bill, credit note or payment.")
    detail: str | None = Field(description="Kind of the bill, channel of the payment, or why.")
    title: str = Field(description="The same in Chinese, as it is printed.")
    lease_no: str | None
    due_on: date | None
    debit_fen: int = Field(description="The customer owes so much more.")
    credit_fen: int = Field(description="So much less.")
    balance_fen: int


class OpenBillOut(BaseModel):
    """What is still to be paid of a bill at the end of the last day."""

    bill_no: str
    lease_no: str | None
    kind: str
    issued_on: date
    due_on: date
    total_fen: int
    open_fen: int
    overdue_days: int = Field(description="Since it was due; 0 where it is not overdue.")


class AgeBucketOut(BaseModel):
    """What is open and so many days overdue, both included. No days: not due; no end: the rest."""

    from_days: int | None
    to_days: int | None
    open_fen: int


class DepositRowOut(BaseModel):
    """What moved the deposits held, with what is held after it."""

    on: date
    lease_no: str | None
    kind: str
    number: str
    amount_fen: int
    held_fen: int


class StatementOut(BaseModel):
    """A statement of account of [from_on, until_on). Deposits held are not in the balance."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    customer_no: str
    customer_nos: list[str] = Field(description="It and those that were merged into it.")
    name: str
    organisation: str
    from_on: date
    until_on: date
    made_at: datetime
    opening_fen: int = Field(description="What was owed before the first day.")
    rows: list[StatementRowOut]
    debits_fen: int
    credits_fen: int
    closing_fen: int = Field(description="opening + debits - credits, and open - credit.")
    open_bills: list[OpenBillOut]
    ageing: list[AgeBucketOut]
    open_fen: int
    credit_fen: int = Field(description="What the customer has with us that settles no bill yet.")
    deposits_opening_fen: int
    deposits: list[DepositRowOut]
    deposits_held_fen: int

    @classmethod
    def of(cls, told: Statement) -> "StatementOut":
        """As the service gives it."""
        facts = asdict(told)
        customer = facts.pop("customer")
        for row, kept in zip(facts["rows"], told.rows, strict=True):
            row["title"] = row_words(kept)
        return cls(
            customer_no=customer["customer_no"],
            customer_nos=customer["family_nos"],
            name=customer["name"],
            organisation=customer["organisation_code"],
            **facts,
        )
