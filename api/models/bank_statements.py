"""Bank statements, their formats, and receipts that are nobody's yet, over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.text import Input, Line
from fleet.payments.service import BankColumns, BankFormat, BankStatement, Unclaimed, is_derived

COLUMNS: dict[str, Any] = {
    "channel": "bank",
    "date": ["交易日", "交易日期"],
    "amount": {"kind": "two_columns", "received": ["贷方金额"], "paid": ["借方金额"]},
    "reference": ["流水号"],
    "payer_name": ["收/付方名称"],
    "payer_account": ["收/付方帐号"],
    "remark": ["摘要", "用途"],
    "balance": ["余额"],
    "state": None,
    "not_words": ["关闭", "失败", "撤销", "退款", "等待"],
}
StatementKey = Annotated[UUID, Path(description="Key of the statement.")]
FormatCode = Annotated[
    str,
    Field(
        min_length=2,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$",
        description="Code of the format: a–z, 0–9, hyphen.",
        examples=["cmb"],
    ),
]
FormatPath = Annotated[str, Path(max_length=63, description="Code of the format.")]


class BankFormatOut(BaseModel):
    """Which column of a bank's statement is what."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "cmb",
                "title": "招商银行 企业网银交易明细",
                "columns": COLUMNS,
                "organisation": None,
                "shipped": True,
                "recorded_by": None,
                "recorded_at": None,
                "version": 0,
            }
        }
    )

    code: str
    title: str
    columns: BankColumns
    organisation: str | None = Field(description="Whose it is; null: as delivered.")
    shipped: bool = Field(description="As delivered: our reading of public examples.")
    recorded_by: Decider
    recorded_at: datetime | None
    version: int = Field(ge=0)

    @classmethod
    def of(cls, each: BankFormat) -> "BankFormatOut":
        """As the service gives it."""
        same = {name: getattr(each, name) for name in cls.model_fields if name != "organisation"}
        return cls(**same, organisation=each.organisation_code)


class BankFormatChange(Input):
    """The columns of a format, whole; each by the headings it may have."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"title": "建设银行 活期明细", "columns": COLUMNS}}
    )

    title: Line
    columns: BankColumns = Field(strict=False)


class BankFormatIn(BankFormatChange):
    """A format that an organisation reads statements in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "ccb", "title": "建设银行 活期明细", "columns": COLUMNS}
        }
    )

    code: FormatCode


class RefusedRow(BaseModel):
    """A row that was not taken: where, why, and its cells, accounts masked."""

    row_no: int
    column: str | None = Field(description="Heading of the cell at fault.")
    code: str
    en: str
    zh: str
    cells: list[str]


class StatementCounts(BaseModel):
    """What became of the rows of money: rows = new + known + outgoing + refused."""

    rows: int
    new: int
    known: int = Field(description="Came in before, by the bank's number.")
    outgoing: int = Field(description="Went out; not kept.")
    refused: int
    claimed: int = Field(description="Of the new ones, for a customer, by themselves.")
    derived: int = Field(description="Of the new ones, without a number of the bank.")


class BankStatementOut(BaseModel):
    """A file that was brought in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31",
                "organisation": "shenzhen",
                "file_name": "招行11月.xlsx",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "format": "cmb",
                "counts": {
                    "rows": 4,
                    "new": 2,
                    "known": 0,
                    "outgoing": 1,
                    "refused": 1,
                    "claimed": 1,
                    "derived": 0,
                },
                "refusals": [
                    {
                        "row_no": 7,
                        "column": "交易日",
                        "code": "not_a_day",
                        "en": "No day of this century stands there",
                        "zh": "日期无法识别",
                        "cells": ["昨天", "", "3,000.00"],
                    }
                ],
                "imported_by": "shenzhen.finance",
                "imported_at": "2026-11-22T02:05:00Z",
            }
        }
    )

    key: UUID
    organisation: str
    file_name: str
    sha256: str
    format: str
    counts: StatementCounts
    refusals: list[RefusedRow]
    imported_by: Writer
    imported_at: datetime

    @classmethod
    def of(cls, statement: BankStatement) -> "BankStatementOut":
        """As the service gives it."""
        same = ("key", "file_name", "imported_by", "imported_at")
        return cls(
            **{name: getattr(statement, name) for name in same},
            organisation=statement.organisation_code,
            sha256=statement.sha256.hex(),
            format=statement.format_code,
            counts=StatementCounts(**statement.counts),
            refusals=[RefusedRow(**each) for each in statement.refusals],
        )


class BecauseOut(BaseModel):
    """One reason of a proposal."""

    code: str
    en: str
    zh: str


class ProposalOut(BaseModel):
    """Whose a receipt may be."""

    customer_no: str
    confidence_pct: int = Field(ge=0, le=99)
    bill_nos: list[str] = Field(description="Bills that the amount fits.")
    because: list[BecauseOut]


class UnclaimedOut(BaseModel):
    """A receipt that is nobody's yet, and whose it may be by what is known now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "payment_no": "R2611-7KQ4MX",
                "organisation": "shenzhen",
                "channel": "bank",
                "received_on": "2026-11-20",
                "amount_fen": 300000,
                "payer_name": "深圳市顺达物流有限公司",
                "payer_account": "***************0123",
                "remark": "租金",
                "bank_reference": "C0331000001",
                "reference_derived": False,
                "source": "statement",
                "statement": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31",
                "proposals": [
                    {
                        "customer_no": "C2611-9QRTKX",
                        "confidence_pct": 88,
                        "bill_nos": [],
                        "because": [
                            {
                                "code": "name_equal",
                                "en": "the payer has its name",
                                "zh": "付款人与客户名称一致",
                            }
                        ],
                    }
                ],
                "version": 1,
            }
        }
    )

    payment_no: str
    organisation: str
    channel: Literal["bank", "wechat", "alipay", "cash", "other"]
    received_on: date
    amount_fen: int
    payer_name: str | None
    payer_account: str | None = Field(description="Masked.")
    remark: str | None
    bank_reference: str | None
    reference_derived: bool = Field(description="The bank gave none: it is ours.")
    source: Literal["hand", "api", "statement"]
    statement: str | None = Field(description="Key of the statement it came in with.")
    proposals: list[ProposalOut]
    version: int = Field(ge=1)

    @classmethod
    def of(cls, each: Unclaimed) -> "UnclaimedOut":
        """As the service gives it."""
        row = each.row
        other = {"organisation", "reference_derived", "statement", "proposals"}
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields if name not in other},
            organisation=row.organisation_code,
            reference_derived=is_derived(row.bank_reference),
            statement=row.statement_key,
            proposals=[
                ProposalOut(
                    customer_no=made.customer_no,
                    confidence_pct=made.confidence_pct,
                    bill_nos=list(made.bill_nos),
                    because=[BecauseOut(code=b.code, en=b.en, zh=b.zh) for b in made.because],
                )
                for made in each.proposals
            ],
        )
