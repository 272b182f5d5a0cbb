"""Operations of the ledger, taxpayers and invoices, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation
from tests.isolation.crawl_world import NOW

VERSION_1: Final = {"If-Match": '"1"'}
CSV: Final = {"form": "csv"}
OF: Final = {"organisation": Id("code")}
OWN: Final = {"organisation": "top"}
MONTH: Final = {"month": f"{NOW:%Y-%m}"}
ENTRIES: Final = OF | {
    "customer": Id("invoiced_no"),
    "lease": Id("lease_out"),
    "event_key": Id("bill_invoiced"),
}
REQUESTS: Final = OF | {
    "customer": Id("invoiced_no"),
    "bill": Id("bill_invoiced"),
    "invoice_no": Id("invoice_no"),
    "q": Id("text"),
}
OWN_REQUESTS: Final = OWN | {"bill": None, "invoice_no": None}
SOME_BILLS: Final = "a list of numbers: tests/api/test_ledger_routes.py"
OPERATIONS: Final[dict[str, Operation]] = {
    "list_balances": Operation(query=OF, own=OWN, shows=False),
    "export_balances": Operation(query=OF | CSV, own=OWN, shows=False),
    "list_entries": Operation(query=ENTRIES, own=OWN | {"lease": None, "event_key": None}),
    "list_journal": Operation(query=OF | MONTH, own=OWN),
    "export_journal": Operation(query=OF | MONTH | CSV, own=OWN),
    "list_closings": Operation(query=OF, own=OWN),
    "export_closings": Operation(query=OF | CSV, own=OWN),
    # The month is not over.
    "close_month": Operation(409, body=OF | {"month": "2099-12"}, shows=False),
    "list_taxpayers": Operation(query=OF, own=OWN),
    "export_taxpayers": Operation(query=OF | CSV, own=OWN),
    "set_taxpayer": Operation(
        201,
        body=OF | {"taxpayer": "general", "simplified": False, "valid_from_on": "2026-01-01"},
        own=OWN,
    ),
    "list_invoice_requests": Operation(query=REQUESTS, own=OWN_REQUESTS),
    "export_invoice_requests": Operation(query=REQUESTS | CSV, own=OWN_REQUESTS),
    "get_invoice_request": Operation(path={"request_no": Id("invoice_open")}),
    "request_invoice": Operation(
        201, body={"bill_nos": Id("bill_invoiced"), "kind": "special"}, apart=SOME_BILLS
    ),
    # It names requests that are not there.
    "record_invoice_numbers": Operation(
        422,
        content=b"request_no,invoice_no,invoiced_on\nI9912-AAAAAA,26440000000000000001,2026-03-01",
        shows=False,
    ),
    # It lies ahead.
    "record_invoice_number": Operation(
        422,
        path={"request_no": Id("invoice_open")},
        body={"invoice_no": "99440000000000000001", "invoiced_on": "2099-12-31"},
        headers=VERSION_1,
        shows=False,
    ),
    "reverse_invoice": Operation(
        201,
        path={"request_no": Id("invoice_issued")},
        body={"note": "冲", "credited_only": False},
        headers={"If-Match": '"2"'},
    ),
    "withdraw_invoice_request": Operation(
        path={"request_no": Id("invoice_open")}, body={"note": "撤"}, headers=VERSION_1
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "account": "a word",
    "event_kind": "a word",
    "from_on": "a day",
    "until_on": "a day",
    "on": "a day",
    "red": "yes or no",
}


NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "invoiced_no": lambda number: f"C9909-{number:06d}",
    "bill_invoiced": lambda number: f"B9909-1-{number:06d}",
    "invoice_open": lambda number: f"I9909-{number:06d}",
    "invoice_issued": lambda number: f"I9908-{number:06d}",
    "invoice_no": lambda number: f"9844{number:016d}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
