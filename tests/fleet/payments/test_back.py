"""Money that never came, that goes back, that is given up."""

from datetime import date
from typing import Any

import pytest

from fleet.audit.service import list_entries as list_audit
from fleet.deposits.service import apply_deposit
from fleet.leasing.service import Lease
from fleet.ledger.service import balance_of
from fleet.payments import errors
from fleet.payments.service import (
    balance_of as balance_of_customer,
)
from fleet.payments.service import (
    claim_payment,
    decide_write_off,
    list_refunds,
    list_write_offs,
    refund_credit,
    request_write_off,
    reverse_payment,
    undo_write_off,
)
from fleet.receivables.service import deposit_held
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM, PermissionMissing, StepUpRequired
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import customer, day, signed
from tests.fleet.payments.conftest import Conn, paid, somebody, stands, told, whole
from tests.fleet.receivables.owed import Owed, owe

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def reverse(conn: Conn, payment_no: str, **given: Any) -> Any:
    facts: dict[str, Any] = {"reason": "退票", "now": day(9)} | given
    return reverse_payment(conn, SYSTEM, payment_no=payment_no, **facts)


def owed(conn: Conn, customer_no: str) -> dict[str, int]:
    """What is open, by bill; of those that have no number of ours, by kind."""
    stand = balance_of_customer(conn, SYSTEM, customer_no=customer_no, now=day(30))
    return {
        each.bill_no: each.open_principal_fen + each.open_interest_fen + each.open_cost_fen
        for each in stand.bills
    }


def refund(conn: Conn, customer_no: str, amount_fen: int, **given: Any) -> Any:
    facts: dict[str, Any] = {"channel": "bank", "reason": "多付", "now": day(6)} | given
    return refund_credit(conn, SYSTEM, customer_no=customer_no, amount_fen=amount_fen, **facts)


# What never came


def test_a_bounced_payment_opens_its_bills_again(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 11_300, vat_fen=1_300, due_on=date(2026, 4, 2))
    made = paid(books, owner, 20_000).payment
    following = owe(books, owner, 300, due_on=date(2026, 5, 2), issued_on=date(2026, 3, 8))
    assert owed(books, owner) == {}
    bounced = reverse(books, made.payment_no, reversed_on=date(2026, 3, 10)).payment
    assert stands(bounced) == ("reversed", 0, 0)
    assert (bounced.reversed_on, bounced.reversal_reason) == (date(2026, 3, 10), "退票")
    assert owed(books, owner) == {bill.bill_no: 11_300, following.bill_no: 300}
    assert balance_of(books, account="bank") == 0
    assert balance_of(books, account="vat_payable", on=date(2026, 3, 11)) == -1_300
    [entry] = list_audit(books, SYSTEM, {"action": "payment.reverse"})
    assert entry.after == {"amount_fen": 20_000, "reason": "退票", "reclaimed_fen": 0}
    with refused(books, errors.PaymentReversedAlready):
        reverse(books, made.payment_no)
    with refused(books, errors.PaymentReversedAlready):
        claim_payment(books, SYSTEM, payment_no=made.payment_no, customer_no=owner, now=day(9))
    whole(books)


def test_what_else_the_customer_has_left_settles_what_is_open_again(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    made = paid(books, owner, 100).payment
    paid(books, owner, 70)
    reverse(books, made.payment_no)
    assert owed(books, owner) == {bill.bill_no: 30}
    whole(books)


def test_a_payment_nobody_claimed_is_reversed(books: Conn) -> None:
    waiting = paid(books, None, 150, organisation_code="east").payment
    assert reverse(books, waiting.payment_no).payment.state == "reversed"
    assert balance_of(books, account="unclaimed") == 0
    whole(books)


def test_a_payment_claimed_in_another_book_is_reversed_in_both(books: Conn) -> None:
    owner = customer(books)
    waiting = paid(books, None, 150, organisation_code="head").payment
    claim_payment(books, SYSTEM, payment_no=waiting.payment_no, customer_no=owner, now=day(3))
    reverse(books, waiting.payment_no)
    left = books.execute(
        "SELECT FROM ledger_postings GROUP BY organisation_id, account HAVING sum(amount_fen) <> 0"
    ).fetchall()
    assert left == []
    whole(books)


def test_what_was_given_back_already_is_reclaimed(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    made = paid(books, owner, 150).payment
    refund(books, owner, 40)
    reverse(books, made.payment_no)
    open_now = owed(books, owner)
    assert open_now.pop(bill.bill_no) == 100
    assert list(open_now.values()) == [40]
    kinds = books.execute("SELECT kind FROM bills WHERE bill_no = ANY (%s)", [list(open_now)])
    assert kinds.fetchall() == [("reclaim",)]
    assert balance_of(books, account="customer_credit") == 0
    whole(books)


def leased(books: Conn) -> tuple[Lease, Owed, str]:
    """A lease whose deposit of 1,000 was paid; the payment's number."""
    lease = signed(books).lease
    bill = owe(books, lease.customer_no, 1_000, kind="deposit", lease_id=lease.id)
    return lease, bill, paid(books, lease.customer_no, 1_000).payment.payment_no


def test_a_deposit_that_was_used_is_unapplied_first(books: Conn) -> None:
    lease, deposit, payment_no = leased(books)
    arrears = owe(books, lease.customer_no, 600, lease_id=lease.id)
    apply_deposit(
        books,
        SYSTEM,
        lease_no=lease.lease_no,
        bill_no=arrears.bill_no,
        amount_fen=600,
        reason="欠费",
        now=day(4),
    )
    whole(books)
    reverse(books, payment_no)
    assert owed(books, lease.customer_no) == {deposit.bill_no: 1_000, arrears.bill_no: 600}
    assert deposit_held(books, lease_id=lease.id) == 0
    whole(books)


def test_a_deposit_that_was_given_back_is_reclaimed(books: Conn) -> None:
    lease, deposit, payment_no = leased(books)
    books.execute("UPDATE leases SET state = 'ended', ended_at = %s", [day(4)])
    books.execute(
        "INSERT INTO deposit_movements (tenant_id, organisation_id, customer_id, lease_id, kind,"
        " amount_fen, moved_on, reason, channel, recorded_by, recorded_at)"
        " SELECT tenant_id, organisation_id, customer_id, id, 'refunded', 300, '2026-03-06', '退',"
        " 'bank', 'test', %s FROM leases",
        [day(4)],
    )
    books.execute("UPDATE deposit_balances SET held_fen = 700")
    reverse(books, payment_no)
    open_now = owed(books, lease.customer_no)
    assert open_now.pop(deposit.bill_no) == 700
    assert list(open_now.values()) == [300]
    assert deposit_held(books, lease_id=lease.id) == 0


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"reversed_on": date(2026, 3, 4)}, errors.ReversalDayOutOfReach),
        ({"reversed_on": date(2026, 3, 12)}, errors.ReversalDayOutOfReach),
        ({"version": 2}, VersionChanged),
    ],
    ids=["before it came", "tomorrow", "changed"],
)
def test_reversals_that_are_none(books: Conn, given: Any, fact: type[DomainError]) -> None:
    made = paid(books, customer(books), 150).payment
    with refused(books, fact):
        reverse(books, made.payment_no, **given)


def test_who_reverses_and_gives_back(books: Conn) -> None:
    owner = customer(books)
    made = paid(books, owner, 150).payment
    facts: dict[str, Any] = {"payment_no": made.payment_no, "reason": "退票", "now": day(9)}
    with refused(books, PermissionMissing):
        reverse_payment(books, somebody(books, "li", "manager"), **facts)
    east = somebody(books, "lin", "finance")
    unsure = person_without_step_up(east)
    with refused(books, StepUpRequired):
        reverse_payment(books, unsure, **facts)
    assert reverse_payment(books, east, **facts).payment.reversed_by == "lin"
    give: dict[str, Any] = {"customer_no": owner, "amount_fen": 1, "channel": "bank"}
    with refused(books, StepUpRequired):
        refund_credit(books, unsure, **give, reason="多付", now=day(9))


def person_without_step_up(actor: Any) -> Any:
    """The same person, whose password was not asked for again."""
    kept = {name: getattr(actor, name) for name in ("kind", "name", "organisation_id")}
    return type(actor)(
        **kept, organisation_code=actor.organisation_code, permissions=actor.permissions
    )


# What goes back


def test_only_what_is_left_goes_back_the_oldest_first(books: Conn) -> None:
    owner = customer(books)
    owe(books, owner, 100)
    first, second = paid(books, owner, 130).payment, paid(books, owner, 50).payment
    with refused(books, errors.CreditNotEnough):
        refund(books, owner, 81)
    made = refund(books, owner, 60, bank_reference="T-9", paid_on=date(2026, 3, 7))
    assert {(each.credit_source, each.amount_fen) for each in made} == {
        (first.payment_no, 30),
        (second.payment_no, 30),
    }
    assert {each.paid_on for each in list_refunds(books, SYSTEM, {"customer": owner})} == {
        date(2026, 3, 7)
    }
    assert balance_of(books, account="bank") == 120
    assert balance_of_customer(books, SYSTEM, customer_no=owner, now=day(6)).credit_fen == 20
    whole(books)


@pytest.mark.parametrize("paid_on", [date(2026, 3, 4), date(2026, 3, 9)])
def test_a_refund_is_not_before_the_money_nor_ahead(books: Conn, paid_on: date) -> None:
    owner = customer(books)
    paid(books, owner, 130)
    with refused(books, errors.RefundDayOutOfReach):
        refund(books, owner, 1, paid_on=paid_on)


# What is given up


def asked(conn: Conn, bill_no: str, amount_fen: int = 40) -> Any:
    facts: dict[str, Any] = {"bill_no": bill_no, "amount_fen": amount_fen, "reason": "客户注销"}
    return request_write_off(conn, somebody(conn, "lin", "finance"), **facts, now=day(4))


def test_one_asks_another_approves(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    request = asked(books, bill.bill_no)
    assert (request.state, request.standing_fen, owed(books, owner)) == (
        *("requested", 0),
        {bill.bill_no: 100},
    )
    with refused(books, errors.WriteOffPending):
        asked(books, bill.bill_no)
    both = person_of_both(books)
    with refused(books, errors.WriteOffOwnRequest):
        decide_write_off(books, both, key=request.key, approve=True, now=day(5))
    with refused(books, PermissionMissing):
        finance = somebody(books, "wu", "finance")
        decide_write_off(books, finance, key=request.key, approve=True, now=day(5))
    boss = somebody(books, "li", "manager")
    facts: dict[str, Any] = {"key": request.key, "approve": True, "now": day(5)}
    decided = decide_write_off(books, boss, **facts)
    assert (decided.state, decided.standing_fen, decided.decided_by) == ("approved", 40, "li")
    assert owed(books, owner) == {bill.bill_no: 60}
    assert balance_of(books, account="bad_debt") == 40
    with refused(books, errors.WriteOffDecidedAlready):
        decide_write_off(books, boss, **facts)
    assert [each.key for each in list_write_offs(books, SYSTEM, {"state": "approved"})] == [
        request.key
    ]
    whole(books)


def person_of_both(conn: Conn) -> Any:
    """Who asked, with the rights of finance and manager."""
    return somebody(conn, "lin", "finance", "manager")


def test_refused_nothing_is_given_up(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    boss = somebody(books, "li", "manager")
    decided = decide_write_off(
        books, boss, key=asked(books, bill.bill_no).key, approve=False, note="再催", now=day(5)
    )
    assert (decided.state, decided.decision_note) == ("refused", "再催")
    assert owed(books, owner) == {bill.bill_no: 100}
    assert asked(books, bill.bill_no, 100).state == "requested"


def test_never_more_than_is_open(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    with refused(books, errors.WriteOffMoreThanOpen):
        asked(books, bill.bill_no, 101)
    with refused(books, errors.BillToPayNotFound):
        asked(books, "B2026-1-999999")
    request = asked(books, bill.bill_no, 100)
    paid(books, owner, 1)
    boss = somebody(books, "li", "manager")
    with refused(books, errors.WriteOffMoreThanOpen):
        decide_write_off(books, boss, key=request.key, approve=True, now=day(5))


def test_a_payment_after_all_is_credit_until_the_write_off_is_undone(books: Conn) -> None:
    owner = customer(books)
    bill = owe(books, owner, 100)
    boss = somebody(books, "li", "manager")
    key = decide_write_off(
        books, boss, key=asked(books, bill.bill_no, 100).key, approve=True, now=day(5)
    ).key
    late = paid(books, owner, 70, now=day(6))
    assert (told(late), late.payment.left_fen) == ([], 70)
    undone = undo_write_off(books, boss, key=key, reason="客户补付", now=day(7))
    assert (undone.state, undone.standing_fen) == ("approved", 0)
    assert owed(books, owner) == {bill.bill_no: 30}
    assert balance_of(books, account="bad_debt") == 0
    with refused(books, errors.WriteOffNotStanding):
        undo_write_off(books, boss, key=key, reason="再", now=day(7))
    whole(books)


def test_a_deposit_never_paid_is_given_up_without_a_loss(books: Conn) -> None:
    lease = signed(books).lease
    bill = owe(books, lease.customer_no, 1_000, kind="deposit", lease_id=lease.id)
    boss = somebody(books, "li", "manager")
    decide_write_off(
        books, boss, key=asked(books, bill.bill_no, 1_000).key, approve=True, now=day(5)
    )
    assert balance_of(books, account="bad_debt") == 0
    assert deposit_held(books, lease_id=lease.id) == 0
    whole(books)


def test_arrears_survive_the_end_of_a_lease(books: Conn) -> None:
    lease = signed(books).lease
    bill = owe(books, lease.customer_no, 500, lease_id=lease.id)
    books.execute("UPDATE leases SET state = 'ended', ended_at = %s", [day(4)])
    assert owed(books, lease.customer_no) == {bill.bill_no: 500}
    assert told(paid(books, lease.customer_no, 500, now=day(20))) == [(bill.bill_no, "law", 500)]
