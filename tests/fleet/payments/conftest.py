"""Customers that owe, people who keep the books."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.billing.service import Billing, set_settings
from fleet.ledger.service import check_ledger
from fleet.orgs.service import get_organisation
from fleet.payments.service import Payment, PaymentDetail, Received, record_payment
from fleet.receivables.service import check_balances
from kit import db
from schemas.access import SYSTEM, Actor, Role
from tests.fleet.conftest import person
from tests.fleet.leasing.conftest import day, office

Conn = Connection[Any]
MARCH_5 = date(2026, 3, 5)
__all__ = ["office"]


@pytest.fixture
def books(office: Conn) -> Conn:
    """The office, billed since January."""
    head = get_organisation(office, SYSTEM, code="head")
    db.act_for(office, [head.id])
    seller = {"name": "青帆租赁"}
    billing = Billing(
        date(2026, 1, 1), draft_days=10, issue_days=7, issues_itself=True, seller=seller
    )
    set_settings(office, SYSTEM, organisation_code="head", version=0, billing=billing, now=day(0))
    return office


def somebody(conn: Conn, name: str, *roles: Role) -> Actor:
    """A person of east with these roles."""
    return replace(person(get_organisation(conn, SYSTEM, code="east"), *roles), name=name)


def money(amount_fen: int = 350_000, **given: Any) -> Received:
    """A transfer of 5 March."""
    facts: dict[str, Any] = {"channel": "bank", "received_on": MARCH_5} | given
    return Received(**facts, amount_fen=amount_fen)


def paid(
    conn: Conn,
    customer_no: str | None,
    amount_fen: int = 350_000,
    bills: Sequence[str] = (),
    **given: Any,
) -> PaymentDetail:
    """A payment as the system records it, on day 3."""
    asked: dict[str, Any] = {"now": day(3)}
    for name in ("organisation_code", "idempotency_key", "source", "now"):
        if name in given:
            asked[name] = given.pop(name)
    received = money(amount_fen, **given)
    return record_payment(
        conn, SYSTEM, received=received, customer_no=customer_no, bills=bills, **asked
    )


def whole(conn: Conn) -> None:
    """All that is kept is what follows, and the books balance."""
    assert [*check_balances(conn), *check_ledger(conn)] == []


def told(detail: PaymentDetail) -> list[tuple[str, str, int]]:
    """What a payment settles: bill, why, how much."""
    return [
        (each.bill_no, each.rule, each.cost_fen + each.interest_fen + each.principal_fen)
        for each in detail.settles
    ]


def stands(payment: Payment) -> tuple[str, int, int]:
    """State, what is settled, what is left."""
    return payment.state, payment.settled_fen, payment.left_fen
