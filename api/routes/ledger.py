"""The ledger over HTTP: trial balance, entries, journal, closing of months."""

from datetime import date
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export, zone_of
from api.labels import Words
from api.models.ledger import (
    BalanceOut,
    ClosedOut,
    ClosingIn,
    ClosingOut,
    EntryOut,
    JournalOut,
    Month,
)
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.ledger import service as ledger
from fleet.ledger.service import Account, EventKind
from fleet.local_days import local_day

operations = Operations("ledger")

AMOUNTS: Final = {
    "debit_fen": Words("借方金额", "Debit"),
    "credit_fen": Words("贷方金额", "Credit"),
}
BALANCES: Final = Export(
    Words("科目余额表", "trial balance"),
    AMOUNTS
    | {
        "code": Words("科目编码", "Code"),
        "name": Words("英文名称", "Account"),
        "chinese": Words("科目名称", "Account in Chinese"),
        "kind": Words("科目类别", "Kind"),
        "opening_fen": Words("期初余额", "Opening balance"),
        "balance_fen": Words("期末余额", "Balance"),
    },
    {
        "kind": {
            "asset": Words("资产", "asset"),
            "liability": Words("负债", "liability"),
            "equity": Words("所有者权益", "equity"),
            "revenue": Words("收入", "revenue"),
            "expense": Words("费用", "expense"),
        }
    },
    frozenset({"account"}),
)
EVENT_KINDS: Final = {
    "bill": Words("账单", "bill"),
    "credit_note": Words("冲减单", "credit note"),
    "payment": Words("收款", "payment"),
    "claim": Words("认领", "claim"),
    "allocation": Words("核销", "allocation"),
    "reversal": Words("冲回", "reversal"),
    "refund": Words("退款", "refund"),
    "write_off": Words("坏账核销", "write-off"),
    "deposit": Words("押金", "deposit"),
    "vat_due": Words("增值税", "VAT due"),
    "share": Words("分成", "share"),
    "opening": Words("期初", "opening"),
}
JOURNAL: Final = Export(
    Words("凭证", "journal"),
    AMOUNTS
    | {
        "booked_on": Words("日期", "Date"),
        "voucher_no": Words("凭证号", "Voucher"),
        "line_no": Words("分录号", "Line"),
        "title": Words("摘要", "Summary"),
        "code": Words("科目编码", "Account code"),
        "account": Words("科目名称", "Account"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "lease_no": Words("合同号", "Lease"),
        "event_kind": Words("业务类型", "Event"),
        "event_key": Words("业务单号", "Its number"),
    },
    {"event_kind": EVENT_KINDS},
)
CLOSINGS: Final = Export(
    Words("结账记录", "closings"),
    {
        "month": Words("月份", "Month"),
        "balances": Words("科目余额（分）", "Balances (fen)"),
        "closed_by": Words("结账人", "Closed by"),
        "closed_at": Words("结账时间", "Closed at"),
    },
)

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
On = Annotated[Day | None, Query(description="At the end of this day, past or to come [today].")]
PartedOn = Annotated[
    Day | None, Query(description="Parts what was posted from this day on from what was before.")
]
FromOn = Annotated[Day | None, Query(description="What counts from this day on.")]
UntilOn = Annotated[Day | None, Query(description="What counts before this day.")]
OfAccount = Annotated[Account | None, Query(description="That touch this account.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfEvent = Annotated[EventKind | None, Query(description="Of events of this kind.")]
OfKey = Annotated[
    str | None, Query(max_length=100, description="Number or key of the event, such as a bill's.")
]
OfMonth = Annotated[Month, Query(description="The month, YYYY-MM.")]


@operations.get("/ledger/trial-balance", exported=BALANCES)
def list_balances(
    call: Call, on: On = None, from_on: PartedOn = None, organisation: OfOrganisation = None
) -> list[BalanceOut]:
    """The trial balance at the end of a day: what each account came to, by code."""
    found = ledger.trial_balance(
        call.conn,
        call.actor,
        organisation=organisation,
        on=on or local_day(call.now, str(zone_of(call))),
        from_on=from_on,
    )
    return [BalanceOut.of(balance) for balance in found]


@operations.get("/ledger/entries")
def list_entries(
    call: Call,
    account: OfAccount = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    customer: OfCustomer = None,
    lease: OfLease = None,
    event_kind: OfEvent = None,
    event_key: OfKey = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[EntryOut]:
    """Entries with their postings, the latest day first. As a table: the journal of a month."""
    given = {
        "account": account,
        "from_on": from_on,
        "until_on": until_on,
        "customer": customer,
        "lease": lease,
        "event_kind": event_kind,
        "event_key": event_key,
        "organisation": organisation,
    }
    rows = ledger.list_entries(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_dated(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[EntryOut](
        items=[EntryOut.of(row) for row in page],
        next=last and cursor_of(last.booked_on.isoformat(), last.id),
    )


@operations.get("/ledger/journal", exported=JOURNAL)
def list_journal(
    call: Call,
    month: OfMonth,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[JournalOut]:
    """The journal of a month, one row a posting, book by book in the order of the vouchers.

    The table is what accounting software imports.
    """
    rows = ledger.list_journal(
        call.conn,
        call.actor,
        organisation=organisation,
        month_on=_first_day(month),
        after=_line_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    place = last and (last.organisation_id, last.booked_on.isoformat(), last.entry_id, last.no)
    return Page[JournalOut](
        items=[JournalOut.of(row) for row in page], next=cursor_of(*place) if place else None
    )


@operations.get("/ledger/closings", exported=CLOSINGS)
def list_closings(
    call: Call,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ClosingOut]:
    """Months that are closed, the latest first, with what the accounts came to then."""
    rows = ledger.list_closings(
        call.conn,
        call.actor,
        {} if organisation is None else {"organisation": organisation},
        after=_dated(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ClosingOut](
        items=[ClosingOut.of(row) for row in page],
        next=last and cursor_of(last.month_on.isoformat(), last.id),
    )


@operations.post("/ledger/closings", status=201, idempotent="ledger.close")
def close_month(call: Call, body: ClosingIn) -> ClosedOut:
    """Close a month of an organisation and all below it, for good. Asks for a step-up.

    Only a month that is over, and one after the other. What happens on its days later counts on the
    first open day.
    """
    closed = ledger.close_month(
        call.conn,
        call.actor,
        organisation=body.organisation,
        month_on=_first_day(body.month),
        now=call.now,
    )
    return ClosedOut(closings=[ClosingOut.of(each) for each in closed])


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _dated(after: str | None) -> tuple[date, int] | None:
    """The day and the id a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, int)
    return None if place is None else (_day(place), place[1])


def _line_of(after: str | None) -> tuple[int, date, int, int] | None:
    """The posting a cursor of the journal stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, int, str, int, int)
    if place is None:
        return None
    organisation_id, on, entry_id, no = place
    return organisation_id, _day([on, organisation_id, entry_id, no]), entry_id, no


def _day(parts: list[object]) -> date:
    """The day that stands first, where nothing is missing."""
    try:
        if None in parts:
            raise ValueError
        return date.fromisoformat(str(parts[0]))
    except ValueError:
        raise ApiError(422, "cursor_invalid", field="after") from None
