"""Operations of customers, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.fleet.customers.numbers import id_card
from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
CUSTOMER: Final = {"customer_no": Id("customer_no")}
DRIVER_PATH: Final = CUSTOMER | {"driver_key": Id("driver_key")}
FILTERS: Final = {"organisation": Id("code"), "q": Id("text")}
CSV: Final = {"form": "csv"}
CARD: Final[dict[str, Any]] = {
    "kind": "person",
    "name": "新",
    "id_type": None,
    "id_number": None,
    "phone": None,
    "email": None,
    "contacts": [],
    "addresses": [],
    "invoice_title": None,
    "tax_no": None,
    "invoice_address": None,
    "invoice_phone": None,
    "legal_person": None,
    "tier": "standard",
    "notes": None,
    "reference": None,
}
DRIVER: Final[dict[str, Any]] = {
    "name": "新",
    "licence_no": "K12345678",
    "phone": None,
    "classes": ["B2"],
    "first_issued_on": None,
    "valid_to_on": None,
}
CONSENT: Final[dict[str, Any]] = {
    "kind": "location",
    "text_version": "1",
    "text": "同意",
    "text_sha256": None,
    "given_by": "新",
    "given_at": "2026-02-01T08:00:00+08:00",
    "method": "online",
    "evidence": None,
}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_customers": Operation(query=FILTERS, own={"organisation": "top"}),
    "export_customers": Operation(query=FILTERS | CSV, own={"organisation": "top"}),
    "create_customer": Operation(201, body=CARD | {"organisation": Id("code")}),
    "find_customers": Operation(body={"id_number": Id("id_number")}, finds=True),
    "list_duplicate_customers": Operation(),
    "export_duplicate_customers": Operation(query=CSV),
    "get_customer": Operation(path=CUSTOMER),
    "change_customer": Operation(path=CUSTOMER, body=CARD, headers=VERSION_1),
    "unmask_customer": Operation(path=CUSTOMER, body={"reason": "核对"}),
    "list_drivers": Operation(path=CUSTOMER),
    "export_drivers": Operation(path=CUSTOMER, query=CSV),
    "change_driver": Operation(path=DRIVER_PATH, body=DRIVER, headers=VERSION_1),
    "remove_driver": Operation(204, path=DRIVER_PATH, shows=False),
    "add_driver": Operation(201, path=CUSTOMER, body=DRIVER, shows=False),
    "list_accounts": Operation(path=CUSTOMER),
    "export_accounts": Operation(path=CUSTOMER, query=CSV),
    "add_account": Operation(
        201, path=CUSTOMER, body={"bank": "行", "holder": "新", "account_no": "62220218888"}
    ),
    "remove_account": Operation(204, path=CUSTOMER | {"account_id": Id("account_id")}, shows=False),
    "propose_blacklisting": Operation(
        201, path={"customer_no": Id("customer_other")}, body={"reason": "逾期"}
    ),
    "decide_blacklisting": Operation(
        path={"customer_no": Id("customer_proposed")}, body={"approve": True, "note": None}
    ),
    "lift_blacklisting": Operation(
        path={"customer_no": Id("customer_listed")}, body={"reason": "结清"}
    ),
    "list_consents": Operation(path=CUSTOMER),
    "export_consents": Operation(path=CUSTOMER, query=CSV),
    "record_consent": Operation(201, path=CUSTOMER, body=CONSENT),
    "withdraw_consent": Operation(
        path=CUSTOMER | {"key": Id("consent_key")}, body={"withdrawn_at": None, "note": None}
    ),
    "copy_personal_data": Operation(path=CUSTOMER),
    "erase_personal_data": Operation(
        path={"customer_no": Id("customer_proposed")}, body={"reason": "本人申请"}
    ),
    "merge_customer": Operation(
        path={"customer_no": Id("customer_other")},
        body={"into": Id("customer_no"), "reason": "重复"},
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "tier": "a word",
    "blacklisted": "yes or no",
    "merged": "yes or no",
    "licence_expires_before_on": "a day",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    **dict.fromkeys(
        ("customer_no", "customer_proposed", "customer_listed"),
        lambda number: f"C9912-{number:06d}",
    ),
    "customer_other": lambda number: f"C9911-{number:06d}",
    "id_number": lambda number: id_card(90_000 + number),
    "driver_key": lambda number: str(uuid.UUID(int=2**100 + number)),
    "account_id": lambda number: 2**41 + number,
    "consent_key": lambda number: str(uuid.UUID(int=2**101 + number)),
}
"""Identifiers of nothing that exists, by kind, from a number."""
