"""Makes books, taxpayers and invoices of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.invoices.service import InvoiceRequest, record_number, request_invoice
from fleet.vat.service import set_taxpayer
from schemas.access import Actor
from tests.fleet.invoices.billed import billed
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation

ISSUED_ON = (NOW - timedelta(days=3)).date()
INVOICED_ON = (NOW - timedelta(days=2)).date()


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `invoice_open` is asked for, `invoice_issued` has `invoice_no`."""
    own = replace(
        by, name=one.ids["login"], organisation_id=one.id, organisation_code=one.ids["code"]
    )
    facts = CustomerFacts("company", f"购{one.mark}", tax_no=f"9144{one.number:014}")
    buyer = create_customer(conn, own, facts=facts, key=KEY, now=LONG_AGO).customer_no
    open_ = _requested(conn, own, buyer, one)
    issued = _requested(conn, own, buyer, one)
    place = 2 * one.number + (known is one.spare)
    number = f"{INVOICED_ON:%y}44{place:016}"
    record_number(
        conn,
        own,
        request_no=issued.request_no,
        version=1,
        invoice_no=number,
        invoiced_on=INVOICED_ON,
        now=NOW,
    )
    known |= {
        "invoiced_no": buyer,
        "bill_invoiced": open_.bill_nos[0],
        "invoice_open": open_.request_no,
        "invoice_issued": issued.request_no,
        "invoice_no": number,
    }
    one.marks += [buyer, number, open_.request_no, issued.request_no]
    one.marks += [open_.bill_nos[0], issued.bill_nos[0]]
    set_taxpayer(
        conn,
        own,
        organisation=one.ids["code"],
        taxpayer="general",
        valid_from_on=LONG_AGO.date(),
        now=LONG_AGO,
    )
    conn.execute(  # closing it would move the books of all below, whose turn comes later
        "INSERT INTO ledger_closings (tenant_id, organisation_id, month_on, balances, closed_by,"
        " closed_at) SELECT tenant_id, id, %s, '{}', %s, %s FROM organisations WHERE id = %s"
        " ON CONFLICT DO NOTHING",
        ["2020-01-01", own.name, LONG_AGO, one.id],
    )


def _requested(conn: Connection[Any], own: Actor, buyer: str, one: Organisation) -> InvoiceRequest:
    """A request for the invoice of a bill of its own."""
    line = (f"租{one.mark}", 113_000, 13)
    bill = billed(conn, buyer, line, issued_on=ISSUED_ON, due_on=NOW.date())
    return request_invoice(conn, own, bill_nos=[bill.bill_no], kind="special", now=NOW)
