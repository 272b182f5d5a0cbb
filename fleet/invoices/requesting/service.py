"""Asks for an invoice of bills, for its reversal, and withdraws what has no number yet.

Decides that an invoice has one seller and one buyer, that never more is invoiced than is billed
less what was credited, and what of the buyer stands on it. What is asked for is counted while the
customer's money is locked, so that two who ask at once ask for it once. Leaves out the tax system,
into which somebody enters the request.
"""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.customers import service as customers
from fleet.invoices import store
from fleet.invoices.asking.service import get_request, lock_request, require_open
from fleet.invoices.errors import (
    BillToInvoiceNotFound,
    InvoiceNotIssued,
    InvoiceOfSeveral,
    NothingToInvoice,
    NothingToReverse,
    RedIsNotReversed,
    TaxNumberMissing,
)
from fleet.invoices.model import BilledTo, InvoiceKind, InvoiceRequest, NewLine
from fleet.invoices.remaining import over_invoiced, to_invoice, to_reverse
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from kit.numbers import TRIES, make_number
from schemas.access import Actor

RNG: Final = SystemRandom()


def request_invoice(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill_nos: Sequence[str],
    kind: InvoiceKind,
    now: datetime,
    rng: Random = RNG,
) -> InvoiceRequest:
    """A request for all of these bills that is not invoiced yet; lines of several rates stay apart.

    Title and tax number are those of the customer's card now.

    Raises:
        BillToInvoiceNotFound: one of them is not in sight, or not issued.
        InvoiceOfSeveral: they are of several customers or sellers.
        TaxNumberMissing: the customer is a company, or wants a special invoice, and has none.
        NothingToInvoice: nothing of them is left.
    """
    actor.require("invoice.request")
    billed = _billed(conn, bill_nos)
    receivables.lock_customers(conn, [billed[0].customer_id])
    lines = to_invoice(store.list_billed_lines(conn, [each.bill_id for each in billed]))
    if sum(line.amount_fen for line in lines) <= 0:
        raise NothingToInvoice("nothing is left to invoice", bill_nos=sorted(set(bill_nos)))
    to = billed[0]
    row = {
        "tenant_id": to.tenant_id,
        "organisation_id": to.organisation_id,
        "customer_id": to.customer_id,
        "kind": kind,
        "reverses_id": None,
        **_buyer(conn, actor, to.customer_no, kind),
        "state_note": None,
        "requested_by": actor.name,
        "requested_at": now,
    }
    made = _insert(conn, row, lines, on=local_day(now, to.zone), rng=rng)
    _record(conn, actor, "invoice.request", made, now=now)
    return made


def reverse(
    conn: Connection[Any],
    actor: Actor,
    *,
    request_no: str,
    version: int,
    credited_only: bool = False,
    note: str,
    now: datetime,
    rng: Random = RNG,
) -> InvoiceRequest:
    """A request for the red-letter invoice (红字发票) of an invoice: of what is left of it.

    `credited_only`: of what credit notes took off its bills since. What is reversed may be invoiced
    anew as far as it is billed still.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        RedIsNotReversed: it is a red-letter invoice itself.
        InvoiceNotIssued: it has no number; it is withdrawn instead.
        NothingToReverse: nothing is left of it, or nothing was credited.
    """
    actor.require("invoice.request")
    was = lock_request(conn, request_no, version)
    if was.red:
        raise RedIsNotReversed(f"{request_no} is a red-letter invoice", request_no=request_no)
    if was.state != "issued":
        raise InvoiceNotIssued(f"{request_no} is {was.state}", request_no=request_no)
    over = None
    if credited_only:
        bill_ids = sorted({line.bill_id for line in was.lines})
        over = over_invoiced(store.list_billed_lines(conn, bill_ids))
    lines = to_reverse(was.lines, store.list_taken_back(conn, was.id), over)
    if sum(line.amount_fen for line in lines) >= 0:
        raise NothingToReverse(f"nothing of {request_no} is to be reversed", request_no=request_no)
    same = ("tenant_id", "organisation_id", "customer_id", "kind", "title", "tax_no", "buyer")
    row = {name: getattr(was, name) for name in same}
    row |= {"reverses_id": was.id, "state_note": note}
    row |= {"requested_by": actor.name, "requested_at": now}
    made = _insert(conn, row, lines, on=local_day(now, was.zone), rng=rng)
    _record(conn, actor, "invoice.reverse", made, now=now)
    return made


def withdraw(
    conn: Connection[Any],
    actor: Actor,
    *,
    request_no: str,
    version: int,
    note: str,
    now: datetime,
) -> InvoiceRequest:
    """The request is not to be invoiced; what stands on it may be asked for anew.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        InvoiceRequestDone: it has its number, or was withdrawn before.
    """
    actor.require("invoice.request")
    was = lock_request(conn, request_no, version)
    require_open(was)
    store.mark_withdrawn(conn, was.id, note)
    withdrawn = get_request(conn, request_no)
    _record(conn, actor, "invoice.withdraw", withdrawn, now=now)
    return withdrawn


def _billed(conn: Connection[Any], bill_nos: Sequence[str]) -> list[BilledTo]:
    billed = store.list_billed_to(conn, bill_nos)
    missing = sorted(set(bill_nos) - {each.bill_no for each in billed})
    if missing or not billed:
        raise BillToInvoiceNotFound(f"no issued bills: {missing}", bill_nos=missing)
    if len({(each.organisation_id, each.customer_id) for each in billed}) > 1:
        raise InvoiceOfSeveral(
            "the bills are of several customers or sellers", bill_nos=sorted(set(bill_nos))
        )
    return billed


def _buyer(
    conn: Connection[Any], actor: Actor, customer_no: str, kind: InvoiceKind
) -> dict[str, Any]:
    """What stands on the invoice of the customer."""
    customer = customers.get_customer(conn, actor, customer_no=customer_no)
    if customer.tax_no is None and (kind == "special" or customer.kind == "company"):
        raise TaxNumberMissing(f"{customer_no} has no tax number", customer_no=customer_no)
    address = customer.invoice_address
    return {
        "title": customer.invoice_title or customer.name,
        "tax_no": customer.tax_no,
        "buyer": {} if address is None else {"address": address},
    }


def _insert(
    conn: Connection[Any],
    row: dict[str, Any],
    lines: Sequence[NewLine],
    *,
    on: date,
    rng: Random,
) -> InvoiceRequest:
    """The new request; a number that is taken is made anew."""
    row["total_fen"] = sum(line.amount_fen for line in lines)
    row["vat_fen"] = sum(line.vat_fen for line in lines)
    for _ in range(TRIES):
        request_no = make_number("I", on, rng)
        made = store.insert_request(conn, {**row, "request_no": request_no})
        if made is not None:
            store.insert_lines(conn, made, lines)
            return get_request(conn, request_no)
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def _record(
    conn: Connection[Any], actor: Actor, action: str, request: InvoiceRequest, *, now: datetime
) -> None:
    told = {
        "customer_no": request.customer_no,
        "bill_nos": request.bill_nos,
        "kind": request.kind,
        "state": request.state,
        "reverses": request.reverses_no,
        "total_fen": request.total_fen,
        "vat_fen": request.vat_fen,
    }
    audit.record(
        conn,
        actor,
        action,
        object_kind="invoice_request",
        object_key=request.request_no,
        now=now,
        after=told,
        organisation_id=request.tenant_id,
    )
