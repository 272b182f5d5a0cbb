"""Tells requests with their lines, and whose money they touch."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from psycopg import Connection

from fleet.invoices import store
from fleet.invoices.errors import InvoiceRequestDone, InvoiceRequestNotFound
from fleet.invoices.model import InvoiceRequest
from fleet.receivables import service as receivables
from kit.errors import VersionChanged


def with_lines(conn: Connection[Any], requests: Sequence[InvoiceRequest]) -> list[InvoiceRequest]:
    """The same requests, each with its lines."""
    found = store.list_lines(conn, [request.id for request in requests])
    lines = {each: tuple(of) for each, of in groupby(found, key=lambda line: line.request_id)}
    return [replace(request, lines=lines.get(request.id, ())) for request in requests]


def get_request(conn: Connection[Any], request_no: str) -> InvoiceRequest:
    """The request with this number, with its lines.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
    """
    found = store.list_requests(conn, {"request_no": request_no}, limit=1)
    if not found:
        raise InvoiceRequestNotFound(f"there is no request {request_no}", request_no=request_no)
    return with_lines(conn, found)[0]


def lock_request(conn: Connection[Any], request_no: str, version: int) -> InvoiceRequest:
    """The request as it stands, while nobody else invoices or credits its customer.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
    """
    receivables.lock_customers(conn, [get_request(conn, request_no).customer_id])
    was = get_request(conn, request_no)
    if was.version != version:
        raise VersionChanged(f"{request_no} is at version {was.version}", request_no=request_no)
    return was


def require_open(request: InvoiceRequest) -> None:
    """Let pass what has no number yet and was not withdrawn.

    Raises:
        InvoiceRequestDone: anything else.
    """
    if request.state != "requested":
        raise InvoiceRequestDone(
            f"{request.request_no} is {request.state}",
            request_no=request.request_no,
            state=request.state,
        )
