"""A company that has bills, and who invoices them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.invoices.service import InvoiceRequest, record_number, request_invoice
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.invoices.billed import Bill
from tests.fleet.leasing.conftest import KEY, LONG_AGO

TODAY = datetime(2026, 3, 10, 4, tzinfo=UTC)
"""Noon of 10 March in Shanghai."""
NUMBER = "26442000000123456789"


def buyer(conn: Connection[Any], name: str = "顺达物流有限公司", **given: Any) -> str:
    """The number of a new customer with a tax number, unless said."""
    usual: dict[str, Any] = {
        "kind": "company",
        "name": name,
        "tax_no": "91440300MA5EXAMP0X",
        "invoice_address": "深圳市南山区科技路 1 号",
    }
    facts = CustomerFacts(**(usual | given))
    made = create_customer(
        conn, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=LONG_AGO
    )
    return made.customer_no


def asked(conn: Connection[Any], *bills: Bill, **given: Any) -> InvoiceRequest:
    """A request for a special invoice of these bills."""
    facts: dict[str, Any] = {"kind": "special", "now": TODAY} | given
    return request_invoice(conn, SYSTEM, bill_nos=[bill.bill_no for bill in bills], **facts)


def numbered(
    conn: Connection[Any], request: InvoiceRequest, number: str = NUMBER, **given: Any
) -> InvoiceRequest:
    """The request with its number, dated today."""
    facts: dict[str, Any] = {"version": request.version, "invoiced_on": TODAY.date(), "now": TODAY}
    return record_number(
        conn, SYSTEM, request_no=request.request_no, invoice_no=number, **(facts | given)
    )


@pytest.fixture
def company(fleet: Connection[Any]) -> Iterator[str]:
    """The number of a company of east."""
    row = fleet.execute("SELECT id FROM organisations WHERE code = 'head'").fetchone()
    assert row is not None
    act_for(fleet, [row[0]])
    yield buyer(fleet)
