"""Statements of account over HTTP: as JSON, as a workbook, as a PDF."""

import io
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import Path, Query

from api.answers import disposition
from api.deps import Call
from api.models.statements import StatementOut
from api.models.text import Day
from api.operation import Filed, Operations
from api.routes import money_papers
from fleet.money_papers import service as papers
from fleet.statements import service as statements
from kit.table_files import MEDIA_TYPES

operations = Operations("statements")

CustomerNo = Annotated[
    str,
    Path(
        max_length=64,
        description="Number of a customer; of one that was merged into another, the other's.",
        examples=["C2611-9QRTKX"],
    ),
]
FromOn = Annotated[
    Day | None, Query(description="The first day [of the month].", examples=["2026-11-01"])
]
UntilOn = Annotated[
    Day | None,
    Query(
        description="Up to this day, itself not; at the latest [tomorrow].", examples=["2026-12-01"]
    ),
]
Form = Annotated[
    Literal["pdf", "xlsx"], Query(description="For people to sign, or to reckon with.")
]
FILE_ANSWER: Final[dict[str, Any]] = {
    "description": "The file.",
    "content": {money_papers.MEDIA_TYPE: {}, MEDIA_TYPES["xlsx"]: {}},
}


@operations.get("/customers/{customer_no}/statement")
def get_statement(
    call: Call, customer_no: CustomerNo, from_on: FromOn = None, until_on: UntilOn = None
) -> StatementOut:
    """The statement of account 对账单 of a customer, of all its leases, for [from_on, until_on).

    Bills, credit notes, payments, refunds, reversals, write-offs and deposits applied, in order,
    with the balance after each; what is open by age at the end of its last day; deposits apart.
    `closing_fen` is `open_fen` less `credit_fen`: below zero the customer has more than it owes.
    """
    return StatementOut.of(_statement(call, customer_no, from_on, until_on))


@operations.get("/customers/{customer_no}/statement/file", responses={200: FILE_ANSWER})
def get_statement_file(
    call: Call,
    customer_no: CustomerNo,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    form: Form = "pdf",
) -> Filed:
    """The same as a PDF, with a place for the customer to confirm it, or as a workbook."""
    told = _statement(call, customer_no, from_on, until_on)
    if form == "pdf":
        return money_papers.filed(papers.statement_paper(told))
    out = io.BytesIO()
    statements.statement_workbook(told, out)
    last_on = told.until_on - timedelta(days=1)
    name = f"对账单-{told.customer.customer_no}-{told.from_on}-{last_on}.xlsx"
    return Filed(out, MEDIA_TYPES["xlsx"], {"Content-Disposition": disposition(name)})


def _statement(
    call: Call, customer_no: str, from_on: Day | None, until_on: Day | None
) -> statements.Statement:
    return statements.statement(
        call.conn,
        call.actor,
        customer_no=customer_no,
        from_on=from_on,
        until_on=until_on,
        now=call.now,
    )
