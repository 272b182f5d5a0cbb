"""What the services of payments keep: permissions, step-up; one customer's money at a time."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest

from fleet.payments import errors as payments_errors
from fleet.payments import service as payments
from fleet.payments.service import record_payment
from fleet.receivables.service import check_balances, list_open
from kit import db
from schemas.access import PERMISSIONS, SYSTEM, PermissionMissing, StepUpRequired
from tests.fleet.leasing.conftest import customer, day
from tests.fleet.payments.conftest import Conn, money, paid, somebody
from tests.fleet.receivables.owed import ids_of, owe

NO: Final = "R2603-AAAAAA"
NOBODY: Final = "C2603-AAAAAA"
KEY: Final = UUID(int=1)
ASKED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "balance_of": ("payment.read", {"customer_no": NOBODY, "now": day(3)}),
    "claim_payment": (
        "payment.record",
        {"payment_no": NO, "customer_no": NOBODY, "now": day(3)},
    ),
    "decide_write_off": ("write_off.approve", {"key": KEY, "approve": True, "now": day(3)}),
    "get_payment_detail": ("payment.read", {"payment_no": NO}),
    "list_credits": ("payment.read", {"filters": {}}),
    "list_payments": ("payment.read", {"filters": {}}),
    "list_refunds": ("payment.read", {"filters": {}}),
    "list_write_offs": ("payment.read", {"filters": {}}),
    "put_credit_to_bills": (
        "payment.record",
        {"customer_no": NOBODY, "bills": [], "now": day(3)},
    ),
    "record_payment": ("payment.record", {"received": money(), "now": day(3)}),
    "refund_credit": (
        "credit.refund",
        {
            "customer_no": NOBODY,
            "amount_fen": 1,
            "channel": "bank",
            "reason": "多付",
            "now": day(3),
        },
    ),
    "request_write_off": (
        "write_off.request",
        {"bill_no": "B2026-1-000001", "amount_fen": 1, "reason": "销", "now": day(3)},
    ),
    "reverse_payment": ("payment.reverse", {"payment_no": NO, "reason": "退", "now": day(3)}),
    "unclaim_payment": ("payment.reverse", {"payment_no": NO, "reason": "错", "now": day(3)}),
    "undo_write_off": ("write_off.approve", {"key": KEY, "reason": "补", "now": day(3)}),
}
OF_STATEMENTS: Final = frozenset({"statements", "matching"})
"""Parts with tests of their own."""


def test_every_function_of_the_service_is_asked_here() -> None:
    own = {
        name
        for name, each in inspect.getmembers(payments, inspect.isfunction)
        if name in payments.__all__ and each.__module__.split(".")[2] not in OF_STATEMENTS
    }
    assert own == ASKED.keys()


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_who_may_not_is_refused_before_anything_is_looked_up(books: Conn) -> None:
    for name, (verb, facts) in ASKED.items():
        without = frozenset(PERMISSIONS) - {verb}
        actor = replace(somebody(books, "wu", "finance"), permissions=without)
        with pytest.raises(PermissionMissing) as refused:
            getattr(payments, name)(books, actor, **facts)
        assert refused.value.facts == {"permission": verb}, name
        if PERMISSIONS[verb].dangerous:
            unsure = replace(actor, permissions=frozenset({verb}), stepped_up=False)
            with pytest.raises(StepUpRequired):
                getattr(payments, name)(books, unsure, **facts)


def test_payments_of_one_customer_at_once_lose_nothing(books: Conn, database_url: str) -> None:
    """Twenty at once, half of them the same ten bank references twice: each comes in once."""
    owner = customer(books)
    bill = owe(books, owner, 1_000)
    books.commit()

    def send(number: int) -> str:
        with closing(db.connect(database_url, application_name="test")) as conn:
            try:
                made = record_payment(
                    conn,
                    SYSTEM,
                    received=money(70, bank_reference=f"T-{number % 10}"),
                    customer_no=owner,
                    now=day(3),
                )
            except payments_errors.BankReferenceKnown as known:
                return str(known.facts["payment_no"])
            conn.commit()
            return made.payment.payment_no

    with ThreadPoolExecutor(20) as threads:
        numbers = list(threads.map(send, range(20)))
    assert len(set(numbers)) == 10
    owner_id = ids_of(books, owner)["customer_id"]
    assert [(b.bill_no, b.open_fen) for b in list_open(books, customer_id=owner_id)] == [
        (bill.bill_no, 300)
    ]
    assert check_balances(books) == []


def test_fifty_at_once_under_one_key_charge_once(books: Conn, database_url: str) -> None:
    """Without the API's own keys: what is kept with the payment suffices."""
    owner = customer(books)
    owe(books, owner, 1_000)
    books.commit()

    def send(_number: int) -> str:
        with closing(db.connect(database_url, application_name="test")) as conn:
            made = paid(conn, owner, 300, idempotency_key="k-1")
            conn.commit()
            return made.payment.payment_no

    with ThreadPoolExecutor(50) as threads:
        numbers = set(threads.map(send, range(50)))
    found = books.execute("SELECT payment_no, amount_fen FROM payments").fetchall()
    assert [(number, 300) for number in numbers] == found
    assert check_balances(books) == []
