"""Operations of payments, refunds and write-offs, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from fleet.local_days import local_day
from tests.isolation.crawl import Id, Operation
from tests.isolation.crawl_world import NOW

CSV: Final = {"form": "csv"}
VERSION_1: Final = {"If-Match": '"1"'}
OWN: Final = {"organisation": "top"}
FILTERS: Final = {
    "customer": Id("payer_no"),
    "statement": Id("bank_statement"),
    "organisation": Id("code"),
    "q": Id("text"),
}
OF: Final = {"customer": Id("payer_no"), "organisation": Id("code")}
GIVEN_UP: Final = {**OF, "bill": Id("bill_given_up")}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_payments": Operation(query=FILTERS, own=OWN | {"statement": None}),
    "export_payments": Operation(query=FILTERS | CSV, own=OWN | {"statement": None}),
    "get_payment": Operation(path={"payment_no": Id("payment_no")}),
    "record_payment": Operation(
        201,
        body={
            "channel": "bank",
            "amount_fen": 1,
            "received_on": str(local_day(NOW)),
            "customer_no": Id("payer_no"),
            "bills": [],
            "organisation": Id("code"),
            "bank_reference": None,
            "payer_name": None,
            "payer_account": None,
            "remark": None,
        },
    ),
    "claim_payment": Operation(
        path={"payment_no": Id("payment_waiting")},
        body={"customer_no": Id("payer_no"), "bills": []},
        headers=VERSION_1,
    ),
    "unclaim_payment": Operation(
        path={"payment_no": Id("payment_claimed")}, body={"reason": "错"}, headers=VERSION_1
    ),
    "reverse_payment": Operation(
        path={"payment_no": Id("payment_bounced")},
        body={"reason": "退", "reversed_on": None},
        headers=VERSION_1,
    ),
    "list_credits": Operation(query=OF, own=OWN),
    "export_credits": Operation(query=OF | CSV, own=OWN),
    "list_refunds": Operation(query=OF, own=OWN),
    "export_refunds": Operation(query=OF | CSV, own=OWN),
    "refund_credit": Operation(
        201,
        path={"customer_no": Id("payer_no")},
        body={
            "amount_fen": 1,
            "channel": "bank",
            "bank_reference": None,
            "paid_on": None,
            "reason": "多",
        },
    ),
    "get_balance": Operation(path={"customer_no": Id("payer_no")}, shows=False),
    "put_credit_to_bills": Operation(
        path={"customer_no": Id("payer_no")},
        body={"bills": Id("bill_given_up")},
        apart="bills of others: tests/api/test_payment_routes.py",
    ),
    "list_write_offs": Operation(query=GIVEN_UP, own=OWN),
    "export_write_offs": Operation(query=GIVEN_UP | CSV, own=OWN),
    "request_write_off": Operation(
        201, body={"bill_no": Id("bill_open"), "amount_fen": 1, "reason": "销"}
    ),
    "decide_write_off": Operation(
        path={"key": Id("write_off_asked")}, body={"approve": False, "note": None}
    ),
    "undo_write_off": Operation(path={"key": Id("write_off_stands")}, body={"reason": "补"}),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("source", "channel", "left", "approve"), "a word"),
    **dict.fromkeys(("received_from_on", "received_until_on", "received_on"), "a day"),
    **dict.fromkeys(("paid_on", "reversed_on"), "a day"),
    **dict.fromkeys(("payer_name", "payer_account", "remark"), "a text"),
}


def _number(letter: str, code: str) -> Callable[[int], str]:
    return lambda number: f"{letter}99{code}-{number:06d}"


def _key(of: int) -> Callable[[int], str]:
    return lambda number: str(uuid.UUID(int=2**of + number))


NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "payer_no": _number("C", "41"),
    "payment_no": _number("R", "42"),
    "payment_waiting": _number("R", "43"),
    "payment_claimed": _number("R", "44"),
    "payment_bounced": _number("R", "45"),
    "bill_given_up": lambda number: f"B2099-8-{number:06d}",
    "bill_open": lambda number: f"B2099-7-{number:06d}",
    "write_off_asked": _key(114),
    "write_off_stands": _key(115),
}
"""Identifiers of nothing that exists, by kind, from a number."""
