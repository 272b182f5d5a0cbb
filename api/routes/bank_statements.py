"""Bank statements over HTTP: the file is the body; what is nobody's yet waits with proposals."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.bank_statements import (
    BankFormatChange,
    BankFormatIn,
    BankFormatOut,
    BankStatementOut,
    FormatCode,
    FormatPath,
    StatementKey,
    UnclaimedOut,
)
from api.models.text import Code, Day
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.uploads import FileBody, FileName
from fleet.payments import service as payments
from fleet.sheets.plain_rows import read_plain_rows

operations = Operations("bank-statements")

UNCLAIMED: Final = Export(
    Words("待认领收款", "unclaimed receipts"),
    {
        "payment_no": Words("收款编号", "Number"),
        "channel": Words("渠道", "Channel"),
        "received_on": Words("到账日", "Received on"),
        "amount_fen": Words("金额", "Amount"),
        "payer_name": Words("付款人", "Payer"),
        "payer_account": Words("付款账号", "Account"),
        "remark": Words("备注", "Remark"),
        "bank_reference": Words("银行流水号", "Bank reference"),
        "reference_derived": Words("流水号为系统生成", "Reference is ours"),
        "source": Words("来源", "By what"),
        "statement": Words("流水文件", "Statement"),
    },
    {
        "channel": {
            "bank": Words("银行", "bank"),
            "wechat": Words("微信", "WeChat"),
            "alipay": Words("支付宝", "Alipay"),
            "cash": Words("现金", "cash"),
            "other": Words("其他", "other"),
        },
        "source": {
            "hand": Words("手工", "by hand"),
            "api": Words("接口", "API"),
            "statement": Words("流水导入", "statement"),
        },
    },
    left_out=frozenset({"proposals"}),
)
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Whose = Annotated[
    Code | None, Query(description="Code of the organisation whose it is [your own].")
]
InFormat = Annotated[
    FormatCode | None, Query(description="In which format [the one that fits best].")
]
OfStatement = Annotated[str | None, Query(max_length=40, description="Key of a statement.")]
ByChannel = Annotated[
    Literal["bank", "wechat", "alipay", "cash", "other"] | None,
    Query(description="That came in this way."),
]
From = Annotated[Day | None, Query(description="Received on that day or later.")]
Until = Annotated[Day | None, Query(description="Received on that day or before.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of number, payer, remark or the bank's number.",
    ),
]


@operations.get("/bank-formats")
def list_bank_formats(call: Call) -> list[BankFormatOut]:
    """In which formats statements of banks are read: those organisations said, then the shipped."""
    return [BankFormatOut.of(each) for each in payments.list_formats(call.conn, call.actor)]


@operations.post(
    "/bank-formats", status=201, idempotent="payment.record", tells=["Location", "ETag"]
)
def add_bank_format(
    call: Call, body: BankFormatIn, organisation: Whose = None
) -> Answer[BankFormatOut]:
    """Say which column of a bank's statement is what."""
    made = payments.add_format(
        call.conn,
        call.actor,
        code=body.code,
        title=body.title,
        columns=body.columns,
        organisation_code=organisation,
        now=call.now,
    )
    headers = {"Location": "/api/v1/bank-formats"}
    return Answer(BankFormatOut.of(made), headers, made.version)


@operations.put("/bank-formats/{code}", tells=["ETag"])
def change_bank_format(
    call: Call,
    code: FormatPath,
    body: BankFormatChange,
    organisation: Whose = None,
    if_match: IfMatch = None,
) -> Answer[BankFormatOut]:
    """Say it anew, whole. If-Match: the version of the format. A shipped one does not change."""
    made = payments.change_format(
        call.conn,
        call.actor,
        code=code,
        version=version_of(if_match),
        title=body.title,
        columns=body.columns,
        organisation_code=organisation,
        now=call.now,
    )
    return Answer(BankFormatOut.of(made), version=made.version)


@operations.post("/bank-statements", status=201, idempotent="payment.record", tells=["Location"])
def import_bank_statement(
    call: Call,
    body: FileBody,
    file_name: FileName,
    format: InFormat = None,
    organisation: Whose = None,
) -> Answer[BankStatementOut]:
    """Bring in a statement, .xlsx or .csv: each receipt once, whoever brings it in how often.

    What is sure enough is claimed and settles bills; the rest waits. Rows that are not taken are
    told with place and reason.
    """
    call.actor.require("payment.record")
    table = read_plain_rows(body, most_rows=payments.MOST_ROWS)
    made = payments.import_statement(
        call.conn,
        call.actor,
        rows=table.rows,
        file_name=file_name,
        sha256=hashlib.sha256(body).digest(),
        format_code=format,
        organisation_code=organisation,
        date_1904=table.date_1904,
        key=call.state.key,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/bank-statements/{made.key}"}
    return Answer(BankStatementOut.of(made), headers)


@operations.get("/bank-statements")
def list_bank_statements(
    call: Call,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[BankStatementOut]:
    """Statements that were brought in, the last first."""
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = payments.list_statements(
        call.conn,
        call.actor,
        {} if organisation is None else {"organisation": organisation},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[BankStatementOut](
        items=[BankStatementOut.of(row) for row in page],
        next=last and cursor_of(last.imported_at, last.id),
    )


@operations.get("/bank-statements/{key}")
def get_bank_statement(call: Call, key: StatementKey) -> BankStatementOut:
    """One statement, and each row of it that was not taken."""
    return BankStatementOut.of(payments.get_statement(call.conn, call.actor, key=key))


@operations.get("/unclaimed-payments", exported=UNCLAIMED)
def list_unclaimed_payments(
    call: Call,
    channel: ByChannel = None,
    received_from: From = None,
    received_until: Until = None,
    statement: OfStatement = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[UnclaimedOut]:
    """Receipts that are nobody's yet, the oldest first, each with whose it may be and why."""
    given = {
        "channel": channel,
        "received_from": received_from,
        "received_until": received_until,
        "statement": statement,
        "organisation": organisation,
        "search": q,
    }
    rows = payments.list_unclaimed(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[UnclaimedOut](
        items=[UnclaimedOut.of(each) for each in page],
        next=last and cursor_of(last.row.received_on.isoformat(), last.row.id),
    )


def _place(after: str | None) -> tuple[date, int] | None:
    """The day and the id a cursor stands for."""
    place = place_of(after, str, int)
    if place is None:
        return None
    try:
        if None in place:
            raise ValueError
        return date.fromisoformat(place[0]), place[1]
    except ValueError:
        raise ApiError(422, "cursor_invalid", field="after") from None
