"""Makes payments, credit, refunds and write-offs of one organisation, every text with its mark."""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.local_days import local_day
from fleet.payments.service import (
    Received,
    decide_write_off,
    record_payment,
    refund_credit,
    request_write_off,
)
from schemas.access import Actor
from tests.fleet.receivables.owed import owe
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation

AMOUNT_FEN = 7_100_000


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `payer_no` has credit left, somebody else `bill_open`; of
    `bill_given_up` a part is written off (`write_off_stands`), of a third it is asked for
    (`write_off_asked`).
    """
    own = replace(
        by, name=f"cashier.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    facts = CustomerFacts("company", f"付{one.mark}")
    payer = create_customer(conn, own, facts=facts, key=KEY, now=LONG_AGO).customer_no
    known["payer_no"] = payer
    one.marks.append(payer)
    for kind, claimed in (
        *(("payment_no", True), ("payment_claimed", True), ("payment_bounced", True)),
        ("payment_waiting", False),
    ):
        known[kind] = _paid(conn, own, one, payer if claimed else None, known)
    given: dict[str, Any] = {"channel": "bank", "reason": f"多{one.mark}", "now": NOW}
    amount_fen = _amount_fen(one)
    [refund] = refund_credit(conn, own, customer_no=payer, amount_fen=100, **given)
    one.marks += [str(refund.key), str(amount_fen)]
    _written_off(conn, own, one, payer, known)


def _amount_fen(one: Organisation) -> int:
    """Its own, and far from the others': the crawl's own calls add a fen or some to sums of it."""
    return AMOUNT_FEN + 10_000 * one.number


def _paid(
    conn: Connection[Any], own: Actor, one: Organisation, payer: str | None, known: Identifiers
) -> str:
    place = len(known) + 1_000 * (known is one.spare)
    received = Received(
        channel="bank",
        amount_fen=_amount_fen(one),
        received_on=local_day(NOW),
        bank_reference=f"水{one.mark}-{place}-{payer}-{len(one.marks)}",
        payer_name=f"人{one.mark}",
        remark=f"言{one.mark}",
    )
    made = record_payment(conn, own, received=received, customer_no=payer, now=NOW)
    one.marks.append(made.payment.payment_no)
    return made.payment.payment_no


def _written_off(
    conn: Connection[Any], own: Actor, one: Organisation, payer: str, known: Identifiers
) -> None:
    """Bills of the payer, whose credit is put aside meanwhile: else it would settle them."""
    today = local_day(NOW)
    ids = "SELECT id FROM customers WHERE customer_no = %s"
    left = conn.execute(
        f"SELECT id, left_fen FROM credits WHERE customer_id = ({ids})".encode(), [payer]
    ).fetchall()
    aside = f"UPDATE credits SET left_fen = 0 WHERE customer_id = ({ids})"
    conn.execute(aside.encode(), [payer])
    first = 800_001 + 3 * (known is one.spare)
    bills = [
        owe(conn, payer, 500, due_on=today, issued_on=today, number=first + place)
        for place in (1, 2)
    ]
    facts = CustomerFacts("company", f"欠{one.mark}")
    owing = create_customer(conn, own, facts=facts, key=KEY, now=LONG_AGO).customer_no
    bills.insert(0, owe(conn, owing, 500, due_on=today, issued_on=today, number=first))
    known |= {"bill_open": bills[0].bill_no, "bill_given_up": bills[1].bill_no}
    asked = [
        request_write_off(
            conn, own, bill_no=bill.bill_no, amount_fen=200, reason=f"销{one.mark}", now=NOW
        )
        for bill in bills[1:]
    ]
    boss = replace(own, name=f"boss.{one.mark}")
    stands, waits = asked
    decide_write_off(conn, boss, key=stands.key, approve=True, note=f"可{one.mark}", now=NOW)
    known |= {"write_off_stands": str(stands.key), "write_off_asked": str(waits.key)}
    for credit_id, left_fen in left:
        conn.execute("UPDATE credits SET left_fen = %s WHERE id = %s", [left_fen, credit_id])
    one.marks += [*(bill.bill_no for bill in bills), str(stands.key), str(waits.key)]
