"""Operations of bills, credit notes and settings, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

CSV: Final = {"form": "csv"}
OF: Final = {
    "customer": Id("lessee_no"),
    "lease": Id("lease_out"),
    "organisation": Id("code"),
    "q": Id("text"),
}
TOP: Final = {"organisation": "top"}
FAULTS: Final = {
    "customer": Id("lessee_no"),
    "lease": Id("lease_faulty"),
    "organisation": Id("code"),
}
SETTINGS: Final[dict[str, Any]] = {
    "bills_from_on": "2199-01-01",
    "draft_days": 10,
    "issue_days": 7,
    "issues_itself": True,
    "seller": {
        "name": "售",
        "tax_no": None,
        "address": None,
        "phone": None,
        "bank": None,
        "account": None,
        "contact": None,
        "wechat": None,
        "note": None,
    },
}
OPERATIONS: Final[dict[str, Operation]] = {
    "get_billing_settings": Operation(query={"organisation": Id("code")}),
    "set_billing_settings": Operation(
        query={"organisation": Id("code")}, body=SETTINGS, headers={"If-Match": '"0"'}
    ),
    "list_bills": Operation(query=OF, own=TOP),
    "export_bills": Operation(query=OF | CSV, own=TOP),
    "get_bill": Operation(path={"bill": Id("bill_issued")}),
    "credit_bill": Operation(
        201, path={"bill": Id("bill_to_credit")}, body={"lines": None, "reason": "减"}
    ),
    "list_bill_deliveries": Operation(path={"bill": Id("bill_issued")}),
    "export_bill_deliveries": Operation(path={"bill": Id("bill_issued")}, query=CSV),
    "add_bill_delivery": Operation(
        201,
        path={"bill": Id("bill_issued")},
        body={"channel": "sms", "delivered_at": None, "proof": None},
    ),
    "issue_bill": Operation(path={"bill": Id("bill_draft")}),
    "discard_bill": Operation(path={"bill": Id("bill_to_discard")}),
    "bring_in_balance": Operation(
        201,
        body={
            "customer_no": Id("lessee_no"),
            "lease_no": Id("lease_out"),
            "amount_fen": 1,
            "due_on": "2020-01-01",
            "title": None,
        },
    ),
    "list_credit_notes": Operation(query=OF | {"bill": Id("bill_credited")}, own=TOP),
    "export_credit_notes": Operation(query=OF | CSV | {"bill": Id("bill_credited")}, own=TOP),
    "get_credit_note": Operation(path={"credit_no": Id("credit_no")}),
    "list_billing_faults": Operation(query=FAULTS, own=TOP),
    "export_billing_faults": Operation(query=FAULTS | CSV, own=TOP),
    "get_billing_plan": Operation(path={"lease_no": Id("lease_out")}),
    # Billing begins later: there is nothing to issue, which others are not told either.
    "bill_lease": Operation(201, path={"lease_no": Id("lease_out")}, shows=False),
    "run_billing": Operation(shows=False),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "due_from": "a day",
    "due_until": "a day",
    "issued_from": "a day",
    "issued_until": "a day",
    "until_on": "a day",
    "overdue": "yes or no",
    "open": "yes or no",
}


def _key(of: int) -> Callable[[int], str]:
    return lambda number: str(uuid.UUID(int=2**of + number))


NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    **dict.fromkeys(
        ("bill_issued", "bill_credited", "bill_to_credit"),
        lambda number: f"B2026-0-{number:06d}",
    ),
    "bill_draft": _key(118),
    "bill_to_discard": _key(119),
    "credit_no": lambda number: f"N2026-0-{number:06d}",
    "lease_faulty": lambda number: f"L9909-{number:06d}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
