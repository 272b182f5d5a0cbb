"""Keeps requests for VAT invoices and the numbers that come back from the tax system.

Requests and their reversal stand in `requesting`, numbers in `numbering`. Leaves out the invoices
themselves: somebody issues them in the tax system (电子发票服务平台), by what a request says.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.invoices import store
from fleet.invoices.asking import service as asking
from fleet.invoices.model import (
    INVOICE_KINDS,
    INVOICE_STATES,
    InvoiceKind,
    InvoiceRequest,
    InvoiceState,
    RequestedLine,
)
from fleet.invoices.numbering.service import Recorded, record_number, record_numbers
from fleet.invoices.requesting.service import request_invoice, reverse, withdraw
from schemas.access import Actor

__all__ = [
    "INVOICE_KINDS",
    "INVOICE_STATES",
    "InvoiceKind",
    "InvoiceRequest",
    "InvoiceState",
    "Recorded",
    "RequestedLine",
    "get_invoice_request",
    "list_invoice_requests",
    "record_number",
    "record_numbers",
    "request_invoice",
    "reverse",
    "withdraw",
]


def list_invoice_requests(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[InvoiceRequest]:
    """Requests in sight with their lines, the last asked for first.

    `filters`: state, kind, red, invoice_no, customer and bill (their numbers), organisation (or
    below it), search (a part of the numbers or the title).
    """
    actor.require("invoice.read")
    return asking.with_lines(conn, store.list_requests(conn, filters, after=after, limit=limit))


def get_invoice_request(conn: Connection[Any], actor: Actor, *, request_no: str) -> InvoiceRequest:
    """The request with this number, with its lines.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
    """
    actor.require("invoice.read")
    return asking.get_request(conn, request_no)
