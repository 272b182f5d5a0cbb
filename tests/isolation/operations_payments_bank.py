"""Operations of bank statements and deposits, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

CSV: Final = {"form": "csv"}
OF: Final = {"organisation": Id("code")}
OWN: Final = {"organisation": "top"}
COLUMNS: Final[dict[str, Any]] = {
    "date": ["日"],
    "amount": {"kind": "signed", "amount": ["额"]},
}
DEPOSITS: Final = {
    "lease": Id("deposit_lease"),
    "customer": Id("lessee_no"),
    "organisation": Id("code"),
    "q": Id("text"),
}
LEASE: Final = {"lease_no": Id("deposit_lease")}
QUEUE: Final = {"statement": Id("bank_statement"), "organisation": Id("code"), "q": Id("text")}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_bank_formats": Operation(),
    "add_bank_format": Operation(
        201,
        query=OF,
        body={"code": "new", "title": "新", "columns": COLUMNS},
        apart="a code of one's own: tests/api/test_bank_statement_routes.py",
    ),
    "change_bank_format": Operation(
        path={"code": Id("bank_format")},
        query=OF,
        body={"title": "改", "columns": COLUMNS},
        headers={"If-Match": '"1"'},
        own={"organisation": None},
    ),
    "import_bank_statement": Operation(
        201,
        query={"file_name": "新.csv", **OF},
        own=OWN,
        content="日期,金额\n2026-11-01,-1\n".encode(),
    ),
    "list_bank_statements": Operation(query=OF, own=OWN),
    "get_bank_statement": Operation(path={"key": Id("bank_statement")}),
    "list_unclaimed_payments": Operation(query=QUEUE, own=OWN),
    "export_unclaimed_payments": Operation(query=QUEUE | CSV, own=OWN),
    "list_deposits": Operation(query=DEPOSITS, own=OWN),
    "export_deposits": Operation(query=DEPOSITS | CSV, own=OWN),
    "get_deposit_total": Operation(query=OF, own=OWN, shows=False),
    "get_deposit": Operation(path=LEASE),
    "apply_deposit": Operation(
        path=LEASE,
        body={"bill": Id("deposit_bill"), "amount_fen": 1, "reason": "抵", "on": None},
    ),
    "unapply_deposit": Operation(
        path=LEASE,
        body={"movement": Id("deposit_movement"), "amount_fen": 1, "reason": "撤", "on": None},
    ),
    "hold_deposit_back": Operation(
        path=LEASE, body={"amount_fen": 1, "until_on": None, "reason": "留"}
    ),
    "release_deposit": Operation(
        path=LEASE, body={"block": Id("deposit_block"), "amount_fen": 1, "reason": "放"}
    ),
    "refund_deposit": Operation(
        path=LEASE,
        body={
            "amount_fen": 1,
            "channel": "bank",
            "bank_reference": None,
            "reason": "退",
            "on": None,
        },
    ),
    "open_deposit": Operation(path=LEASE, body={"amount_fen": 1, "reason": "初", "on": None}),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("format", "channel"), "a word"),
    **dict.fromkeys(("received_from", "received_until", "on", "until_on"), "a day"),
    **dict.fromkeys(("held", "running"), "yes or no"),
    "amount_fen": "an amount",
    "bank_reference": "a bank's number",
    "columns": "headings",
}


def _key(of: int) -> Callable[[int], str]:
    return lambda number: str(uuid.UUID(int=2**of + number))


NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "bank_format": lambda number: f"nowhere-{number}",
    "bank_statement": _key(111),
    "deposit_lease": lambda number: f"L9908-{number:06d}",
    "deposit_bill": lambda number: f"B2099-9-{number:06d}",
    "deposit_movement": _key(112),
    "deposit_block": lambda number: f"hold:{uuid.UUID(int=2**113 + number)}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
