"""Payments: recorded once, claimed, claimed for another; what they settle."""

from datetime import date
from typing import Any

import pytest

from fleet.audit.service import list_entries as list_audit
from fleet.customers.service import merge_customers
from fleet.ledger.service import Account, balance_of
from fleet.payments import errors
from fleet.payments.service import (
    balance_of as balance_of_customer,
)
from fleet.payments.service import (
    claim_payment,
    get_payment_detail,
    list_credits,
    list_payments,
    put_credit_to_bills,
    record_payment,
    refund_credit,
    unclaim_payment,
)
from fleet.receivables.service import add_credit
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import customer, day
from tests.fleet.payments.conftest import (
    MARCH_5,
    Conn,
    money,
    paid,
    somebody,
    stands,
    told,
    whole,
)
from tests.fleet.receivables.owed import ids_of, owe

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def test_a_payment_settles_bills_and_the_rest_is_credit(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 300_000)
    made = paid(books, owner, bank_reference="T-1", payer_account="6222021234567890123")
    payment = made.payment
    assert told(made) == [(bill.bill_no, "law", 300_000)]
    assert stands(payment) == ("claimed", 300_000, 50_000)
    assert (payment.customer_no, payment.payer_account) == (owner, "622************0123")
    assert payment.payment_no.startswith("R2603-")
    balances: list[Account] = ["bank", "receivable", "customer_credit"]
    assert [balance_of(books, account=name) for name in balances] == [350_000, 0, -50_000]
    [entry] = list_audit(books, SYSTEM, {"action": "payment.record"})
    assert (entry.object_key, entry.after) == (
        payment.payment_no,
        {
            "amount_fen": 350_000,
            "channel": "bank",
            "received_on": "2026-03-05",
            "customer_no": owner,
            "bills": [],
        },
    )
    whole(books)


@pytest.mark.parametrize(
    ("channel", "account"),
    [
        ("bank", "bank"),
        ("wechat", "wallet"),
        ("alipay", "wallet"),
        ("cash", "cash"),
        ("other", "bank"),
    ],
)
def test_where_money_lies(books: Conn, channel: str, account: Account) -> None:
    paid(books, customer(books), 100, channel=channel)
    assert balance_of(books, account=account) == 100


def test_bills_that_are_named_come_first(books: Conn) -> None:
    owner = customer(books)
    old = owe(books, owner, 100, due_on=date(2026, 1, 2))
    new = owe(books, owner, 100, due_on=date(2026, 9, 2))
    assert told(paid(books, owner, 150, [new.bill_no])) == [
        (new.bill_no, "named", 100),
        (old.bill_no, "law", 50),
    ]


def test_the_same_key_is_the_same_payment_years_later(books: Conn) -> None:
    owner = customer(books)
    first = paid(books, owner, 100, idempotency_key="k-1")
    again = record_payment(
        books, SYSTEM, received=money(100), customer_no=owner, idempotency_key="k-1", now=day(2000)
    )
    assert again == first
    with refused(books, errors.PaymentKeyReused):
        paid(books, owner, 101, idempotency_key="k-1")
    lin = somebody(books, "lin", "finance")
    other = record_payment(
        books, lin, received=money(100), customer_no=owner, idempotency_key="k-1", now=day(3)
    )
    assert other.payment.payment_no != first.payment.payment_no
    assert balance_of(books, account="bank") == 200


def test_worked_case_10_a_banks_number_comes_in_once(books: Conn) -> None:
    owner = customer(books)
    first = paid(books, owner, 3_500_00, bank_reference="2026-1")
    with pytest.raises(errors.BankReferenceKnown) as known, books.transaction():
        paid(books, owner, 3_500_00, bank_reference="2026-1")
    assert known.value.facts == {"payment_no": first.payment.payment_no}
    paid(books, owner, 3_500_00, bank_reference="2026-1", channel="wechat")
    assert len(list_payments(books, SYSTEM, {})) == 2


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"received_on": date(2026, 3, 6)}, errors.PaymentDayOutOfReach),
        ({"received_on": date(2025, 3, 3)}, errors.PaymentDayOutOfReach),
        ({"customer_no": "C2601-AAAAAA"}, errors.PayerNotFound),
        ({"bills": ["B2026-1-999999"]}, errors.BillToPayNotFound),
        ({"customer_no": None, "bills": ["B2026-1-999999"]}, errors.BillsOfNobody),
    ],
    ids=["tomorrow", "more than a year back", "no customer", "no bill", "bills of nobody"],
)
def test_payments_that_are_none(books: Conn, given: Any, fact: type[DomainError]) -> None:
    facts = {"customer_no": customer(books), "now": day(3)} | given
    with refused(books, fact):
        paid(books, facts.pop("customer_no"), 100, facts.pop("bills", ()), **facts)
    assert list_payments(books, SYSTEM, {}) == []


def test_a_year_back_is_as_far_as_it_goes(books: Conn) -> None:
    made = paid(books, customer(books), 100, received_on=date(2025, 3, 4))
    assert made.payment.received_on == date(2025, 3, 4)


def test_who_records(books: Conn) -> None:
    sales = somebody(books, "wu", "sales")
    with refused(books, PermissionMissing):
        record_payment(books, sales, received=money(), now=day(3))


def test_nobodys_payment_waits_and_is_claimed(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100, due_on=date(2026, 3, 4))
    waiting = paid(books, None, 150, organisation_code="east").payment
    assert stands(waiting) == ("unclaimed", 0, 0)
    assert balance_of(books, account="unclaimed") == -150
    claimed = claim_payment(
        books,
        SYSTEM,
        payment_no=waiting.payment_no,
        customer_no=owner,
        version=waiting.version,
        now=day(9),
    )
    assert stands(claimed.payment) == ("claimed", 100, 50)
    assert [(each.bill_no, each.settled_on) for each in claimed.settles] == [
        (bill.bill_no, MARCH_5)
    ]
    assert balance_of(books, account="unclaimed") == 0
    with refused(books, errors.PaymentClaimedAlready):
        claim_payment(books, SYSTEM, payment_no=waiting.payment_no, customer_no=owner, now=day(9))
    with refused(books, VersionChanged):
        claim_payment(
            books, SYSTEM, payment_no=waiting.payment_no, customer_no=owner, version=1, now=day(9)
        )
    whole(books)


def test_claimed_in_another_book_the_two_stand_against_each_other(books: Conn) -> None:
    owner = customer(books)
    waiting = paid(books, None, 150, organisation_code="head").payment
    claim_payment(books, SYSTEM, payment_no=waiting.payment_no, customer_no=owner, now=day(3))
    by_book = books.execute(
        "SELECT o.code, account, sum(amount_fen)::int FROM ledger_postings p"
        " JOIN organisations o ON o.id = p.organisation_id GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    assert by_book == [
        ("east", "customer_credit", -150),
        ("east", "unclaimed", 150),
        ("head", "bank", 150),
        ("head", "unclaimed", -150),
    ]
    whole(books)


def test_claimed_for_the_wrong_one_it_waits_anew(books: Conn) -> None:
    wrong, right = customer(books), customer(books, "远通快运")
    bill = owe(books, wrong, 100)
    made = paid(books, wrong, 150).payment
    facts: dict[str, Any] = {"payment_no": made.payment_no, "now": day(4)}
    waiting = unclaim_payment(books, SYSTEM, **facts, reason="同名").payment
    assert stands(waiting) == ("unclaimed", 0, 0)
    assert balance_of_customer(books, SYSTEM, customer_no=wrong, now=day(4)).open_fen == 100
    with refused(books, errors.PaymentNotClaimed):
        unclaim_payment(books, SYSTEM, **facts, reason="同名")
    whole(books)
    again = claim_payment(books, SYSTEM, **facts, customer_no=right)
    assert (told(again), again.payment.left_fen) == ([], 150)
    claim_back = unclaim_payment(books, SYSTEM, **facts, reason="还是前者").payment
    assert claim_back.state == "unclaimed"
    once_more = claim_payment(books, SYSTEM, **facts, customer_no=wrong)
    assert told(once_more) == [(bill.bill_no, "law", 100)]
    whole(books)


def test_what_was_given_back_is_nobody_elses(books: Conn) -> None:
    owner = customer(books)
    made = paid(books, owner, 150).payment
    refund_credit(
        books, SYSTEM, customer_no=owner, amount_fen=1, channel="bank", reason="多付", now=day(4)
    )
    with refused(books, errors.PaymentRefundedAlready):
        unclaim_payment(books, SYSTEM, payment_no=made.payment_no, reason="同名", now=day(4))


def test_the_money_of_merged_customers_counts_together(books: Conn) -> None:
    one, other = customer(books), customer(books, "顺达")
    bill = owe(books, one, 100)
    merge_customers(books, SYSTEM, customer_no=one, into=other, reason="重复", now=day(3))
    made = paid(books, one, 150)
    assert (made.payment.customer_no, told(made)) == (other, [(bill.bill_no, "law", 100)])
    stand = balance_of_customer(books, SYSTEM, customer_no=one, now=day(3))
    assert (stand.customer_no, stand.open_fen, stand.credit_fen) == (other, 0, 50)
    whole(books)


def test_credit_is_put_to_bills_by_name(books: Conn) -> None:
    owner = customer(books)
    with refused(books, errors.CreditNotEnough):
        put_credit_to_bills(books, SYSTEM, customer_no=owner, bills=[], now=day(3))
    bill = owe(books, owner, 100)
    bill_later = owe(books, owner, 30, due_on=date(2026, 9, 2))
    add_credit(
        books,
        SYSTEM,
        **ids_of(books, owner),
        amount_fen=35,
        source_kind="opening",
        source_key="x",
        since_on=MARCH_5,
        now=day(3),
    )
    put = put_credit_to_bills(
        books, SYSTEM, customer_no=owner, bills=[bill_later.bill_no], now=day(4)
    )
    assert [(each.bill_no, each.amount_fen, each.rule) for each in put] == [
        (bill_later.bill_no, 30, "named")
    ]
    stand = balance_of_customer(books, SYSTEM, customer_no=owner, now=day(4))
    assert [(each.bill_no, each.open_principal_fen) for each in stand.bills] == [
        (bill.bill_no, 100)
    ]
    assert stand.credit_fen == 5


def test_filters_and_pages(books: Conn) -> None:
    one, other = customer(books), customer(books, "远通快运")
    first = paid(books, one, 1, remark="十一月", bank_reference="T-1", now=day(3)).payment
    second = paid(
        books, other, 2, channel="wechat", received_on=date(2026, 3, 1), now=day(4)
    ).payment
    third = paid(books, None, 3, organisation_code="west", source="statement", now=day(5)).payment
    numbers = {"a": first.payment_no, "b": second.payment_no, "c": third.payment_no}
    for filters, found in (
        ({}, "cba"),
        ({"state": "unclaimed"}, "c"),
        ({"channel": "wechat"}, "b"),
        ({"source": "statement"}, "c"),
        ({"customer": other}, "b"),
        ({"organisation": "east"}, "ba"),
        ({"organisation": "head"}, "cba"),
        ({"received_from_on": MARCH_5}, "ca"),
        ({"received_until_on": date(2026, 3, 4)}, "b"),
        ({"search": "十一"}, "a"),
        ({"search": "t-1"}, "a"),
        ({"search": "远通"}, "b"),
        ({"search": numbers["c"].lower()}, "c"),
    ):
        listed = [each.payment_no for each in list_payments(books, SYSTEM, filters)]
        assert listed == [numbers[name] for name in found], filters
    page = list_payments(books, SYSTEM, {}, limit=2)
    after = (page[-1].recorded_at, page[-1].key)
    rest = list_payments(books, SYSTEM, {}, after=after, limit=2)
    assert [each.payment_no for each in rest] == [numbers["a"]]
    detail = get_payment_detail(books, SYSTEM, payment_no=numbers["b"])
    assert detail.payment == second
    with refused(books, errors.PaymentNotFound):
        get_payment_detail(books, SYSTEM, payment_no="R2603-AAAAAA")
    left = list_credits(books, SYSTEM, {"left": True})
    assert [(each.source_key, each.left_fen) for each in left] == [
        (numbers["b"], 2),
        (numbers["a"], 1),
    ]
