"""Credit settles bills, notes take them off, what settled them is undone: rows and ledger agree."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.service import merge_customers
from fleet.leasing.service import LeaseDetail
from fleet.ledger.service import Account, balance_of, check_ledger
from fleet.orgs.service import get_organisation
from fleet.parameters.service import set_figures
from fleet.receivables import errors
from fleet.receivables.service import (
    add_credit,
    allocate_credit,
    check_balances,
    deposit_held,
    deposits_short,
    get_bill,
    late_fee_of,
    left_of,
    list_open,
    move_deposit,
    principal_history,
    settle,
    standing_of,
    take_off,
    undo,
    use_credit,
    vat_due_earlier,
)
from schemas.access import SYSTEM
from tests.fleet.conftest import person, refused
from tests.fleet.leasing.conftest import customer, day, office, signed
from tests.fleet.receivables.owed import ids_of, noted, owe

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH_5 = date(2026, 3, 5)


def credited(conn: Conn, customer_no: str, amount_fen: int, key: str = "x", **given: Any) -> int:
    """Credit from before, posted as an opening is."""
    facts: dict[str, Any] = {"since_on": MARCH_5, "now": day(3)} | given
    facts |= ids_of(conn, customer_no)
    made = add_credit(
        conn, SYSTEM, amount_fen=amount_fen, source_kind="opening", source_key=key, **facts
    )
    noted(conn, customer_no, key, amount_fen, on=facts["since_on"])
    return made


def allocate(conn: Conn, credit_id: int, **given: Any) -> list[tuple[str, str, int, str]]:
    facts: dict[str, Any] = {"on": MARCH_5, "now": day(3)} | given
    made = allocate_credit(conn, SYSTEM, credit_id=credit_id, **facts)
    return [(each.bill_no, each.class_, each.amount_fen, each.rule) for each in made]


def open_of(conn: Conn, customer_no: str, **given: Any) -> dict[str, int]:
    owner = ids_of(conn, customer_no)["customer_id"]
    return {each.bill_no: each.open_fen for each in list_open(conn, customer_id=owner, **given)}


def left(conn: Conn, customer_no: str) -> int:
    owner = ids_of(conn, customer_no)["customer_id"]
    return sum(each.left_fen for each in left_of(conn, customer_id=owner))


def whole(conn: Conn) -> None:
    """All that is kept is what follows, and the books balance."""
    assert [*check_balances(conn), *check_ledger(conn)] == []


def test_worked_case_9_costs_then_interest_then_principal(office: Conn) -> None:
    owner = customer(office)
    bill = owe(office, owner, 3_000_00, interest_fen=50_00, cost_fen=100_00)
    assert allocate(office, credited(office, owner, 2_000_00)) == [
        (bill.bill_no, "cost", 100_00, "law"),
        (bill.bill_no, "interest", 50_00, "law"),
        (bill.bill_no, "principal", 1_850_00, "law"),
    ]
    assert get_bill(office, bill.id).open_principal_fen == 1_150_00
    assert open_of(office, owner) == {bill.bill_no: 1_150_00}
    assert balance_of(office, account="receivable") == 1_150_00
    whole(office)


def test_worked_case_10_credit_left_settles_the_next_bill(office: Conn) -> None:
    owner = customer(office)
    first = owe(office, owner, 3_000_00)
    allocate(office, credited(office, owner, 3_500_00))
    assert (open_of(office, owner), left(office, owner)) == ({}, 500_00)
    following = owe(office, owner, 3_000_00, due_on=date(2026, 4, 2), issued_on=date(2026, 3, 26))
    assert (open_of(office, owner), left(office, owner)) == ({following.bill_no: 2_500_00}, 0)
    [(credit_id,)] = office.execute("SELECT id FROM credits").fetchall()
    rules = [(a.bill_no, a.rule, a.allocated_on) for a in standing_of(office, credit_id=credit_id)]
    assert rules == [
        (first.bill_no, "law", MARCH_5),
        (following.bill_no, "next_bill", date(2026, 3, 26)),
    ]
    whole(office)


def test_the_bills_of_a_lease_with_a_deposit_come_after_those_without(office: Conn) -> None:
    lease = signed(office).lease
    secured = owe(office, lease.customer_no, 100, lease_id=lease.id, due_on=date(2026, 1, 2))
    move_deposit(office, lease_id=lease.id, amount_fen=1)
    bare = owe(office, lease.customer_no, 100, due_on=date(2026, 3, 1))
    assert allocate(office, credited(office, lease.customer_no, 150)) == [
        (bare.bill_no, "principal", 100, "law"),
        (secured.bill_no, "principal", 50, "law"),
    ]


def test_agreed_otherwise_the_oldest_comes_first(office: Conn) -> None:
    set_figures(
        office,
        person(get_organisation(office, SYSTEM, code="head")),
        name="payment.order",
        valid_from_on=date(2026, 1, 1),
        content={"rule": "oldest_first"},
        source="约定",
        now=day(0),
    )
    owner = customer(office)
    dear = owe(office, owner, 60, due_on=date(2026, 3, 2), late_fee={"rate_per_day": "0.01"})
    old = owe(office, owner, 60, due_on=date(2026, 1, 2))
    assert allocate(office, credited(office, owner, 100)) == [
        (old.bill_no, "principal", 60, "agreed"),
        (dear.bill_no, "principal", 40, "agreed"),
    ]


def test_a_named_bill_is_the_customers_own(office: Conn) -> None:
    owner, other = customer(office), customer(office, "远通快运")
    first = owe(office, owner, 100)
    strange = owe(office, other, 100)
    later = owe(office, owner, 30, due_on=date(2026, 9, 2))
    credit_id = credited(office, owner, 50)
    with refused(office, errors.BillToSettleNotFound):
        allocate(office, credit_id, named=[strange.id])
    assert allocate(office, credit_id, named=[later.id], only_named=True) == [
        (later.bill_no, "principal", 30, "named")
    ]
    assert (open_of(office, owner), left(office, owner)) == ({first.bill_no: 100}, 20)


def test_money_of_merged_customers_counts_together(office: Conn) -> None:
    one, other = customer(office), customer(office, "顺达")
    bill = owe(office, one, 100)
    credit_id = credited(office, other, 70)
    assert allocate(office, credit_id) == []
    merge_customers(office, SYSTEM, customer_no=one, into=other, reason="重复", now=day(3))
    assert allocate(office, credit_id) == [(bill.bill_no, "principal", 70, "law")]
    assert open_of(office, one) == open_of(office, other) == {bill.bill_no: 30}
    whole(office)


def test_undone_newest_first_and_in_part(office: Conn) -> None:
    owner = customer(office)
    old = owe(office, owner, 100, due_on=date(2026, 1, 2))
    new = owe(office, owner, 100, due_on=date(2026, 2, 2))
    credit_id = credited(office, owner, 200)
    allocate(office, credit_id)
    undo(office, SYSTEM, credit_id=credit_id, amount_fen=130, on=date(2026, 3, 9), now=day(7))
    assert open_of(office, owner) == {old.bill_no: 30, new.bill_no: 100}
    assert open_of(office, owner, on=date(2026, 3, 8)) == {}
    assert left(office, owner) == 130
    history = principal_history(office, [old.id, new.id])
    assert history == {
        old.id: [(MARCH_5, 100), (date(2026, 3, 9), -30)],
        new.id: [(MARCH_5, 100), (date(2026, 3, 9), -100)],
    }
    with refused(office, errors.NothingToUndo):
        undo(office, SYSTEM, credit_id=credit_id, amount_fen=71, on=MARCH_5, now=day(7))
    whole(office)


def test_credit_is_used_up_once(office: Conn) -> None:
    owner = customer(office)
    credit_id = credited(office, owner, 100)
    with refused(office, errors.CreditUsedUp):
        use_credit(office, credit_id=credit_id, amount_fen=101)
    assert left(office, owner) == 100


def test_a_paid_deposit_is_held_and_owed_back(office: Conn) -> None:
    lease = signed(office).lease
    bill = owe(office, lease.customer_no, 250_000, kind="deposit", lease_id=lease.id)
    assert balance_of(office, account="deposit_due") == -250_000
    credit_id = credited(office, lease.customer_no, 200_000)
    allocate(office, credit_id)
    assert deposit_held(office, lease_id=lease.id) == 200_000
    accounts: tuple[Account, ...] = (
        "deposit_receivable",
        "deposit_due",
        "deposit_liability",
        "receivable",
    )
    assert [balance_of(office, account=name) for name in accounts] == [50_000, -50_000, -200_000, 0]
    assert deposits_short(office, credit_id=credit_id) == {}
    whole(office)
    undo(office, SYSTEM, credit_id=credit_id, on=date(2026, 3, 6), now=day(4))
    assert (deposit_held(office, lease_id=lease.id), open_of(office, lease.customer_no)) == (
        0,
        {bill.bill_no: 250_000},
    )
    whole(office)


def test_a_deposit_that_is_gone_is_not_undone(office: Conn) -> None:
    lease = signed(office).lease
    owe(office, lease.customer_no, 1_000, kind="deposit", lease_id=lease.id)
    credit_id = credited(office, lease.customer_no, 1_000)
    allocate(office, credit_id)
    move_deposit(office, lease_id=lease.id, amount_fen=-400)
    assert deposits_short(office, credit_id=credit_id) == {lease.id: 400}
    facts: dict[str, Any] = {"credit_id": credit_id, "on": date(2026, 3, 6), "now": day(4)}
    with refused(office, errors.DepositNotEnough):
        undo(office, SYSTEM, **facts)
    undo(office, SYSTEM, **facts, keep_deposits={lease.id: 400})
    assert deposit_held(office, lease_id=lease.id) == 0
    assert left(office, lease.customer_no) == 600
    with refused(office, errors.DepositNotEnough):
        move_deposit(office, lease_id=lease.id, amount_fen=-1)


def note(conn: Conn, detail: LeaseDetail | str, bill: Any, fen: int) -> int:
    """A credit note of one line over so much, as billing writes it, with its mirror posted."""
    owner = detail if isinstance(detail, str) else detail.lease.customer_no
    key = noted(conn, owner, f"N2026-1-{bill.id:06}", 0, bill=bill, taken_fen=fen)
    return take_off(
        conn,
        SYSTEM,
        credit_note_id=key,
        credit_no=f"N2026-1-{bill.id:06}",
        bill_id=bill.id,
        principal_fen=fen,
        interest_fen=0,
        cost_fen=0,
        on=date(2026, 3, 6),
        now=day(4),
    )


def test_a_credit_note_takes_off_what_is_open(office: Conn) -> None:
    owner = customer(office)
    bill = owe(office, owner, 1_000)
    assert note(office, owner, bill, 300) == 0
    assert (open_of(office, owner), left(office, owner)) == ({bill.bill_no: 700}, 0)
    whole(office)


def test_what_a_note_takes_off_beyond_it_settles_what_else_is_open(office: Conn) -> None:
    owner = customer(office)
    bill = owe(office, owner, 1_000)
    allocate(office, credited(office, owner, 900))
    other = owe(office, owner, 50, due_on=date(2026, 4, 2), issued_on=date(2026, 3, 5))
    assert note(office, owner, bill, 300) == 200
    assert (open_of(office, owner), left(office, owner)) == ({}, 150)
    settled_by = office.execute(
        "SELECT b.bill_no, a.rule FROM allocations a JOIN bills b ON b.id = a.bill_id"
        " WHERE a.bill_id = %s",
        [other.id],
    ).fetchall()
    assert settled_by == [(other.bill_no, "law")]
    whole(office)


def test_a_note_on_a_paid_deposit_makes_it_credit(office: Conn) -> None:
    detail = signed(office)
    lease = detail.lease
    bill = owe(office, lease.customer_no, 1_000, kind="deposit", lease_id=lease.id)
    allocate(office, credited(office, lease.customer_no, 1_000))
    assert note(office, detail, bill, 400) == 400
    assert (deposit_held(office, lease_id=lease.id), left(office, lease.customer_no)) == (600, 400)
    assert balance_of(office, account="deposit_liability") == -600
    whole(office)


def test_what_is_paid_early_is_due_for_vat_that_day(office: Conn) -> None:
    owner = customer(office)
    bill = owe(office, owner, 11_300, vat_fen=1_300, due_on=date(2026, 4, 2))
    assert get_bill(office, bill.id).vat_due_on == date(2026, 4, 2)

    def payable(on: date) -> int:
        return balance_of(office, account="vat_payable", on=on)

    allocate(office, credited(office, owner, 100))
    assert get_bill(office, bill.id).vat_due_on == MARCH_5
    days = (date(2026, 3, 4), MARCH_5, date(2026, 4, 1), date(2026, 4, 2))
    assert [payable(on) for on in days] == [0, -1_300, -1_300, -1_300]
    vat_due_earlier(office, SYSTEM, bill_id=bill.id, on=date(2026, 3, 4), now=day(3))
    vat_due_earlier(office, SYSTEM, bill_id=bill.id, on=date(2026, 3, 8), now=day(3))
    assert get_bill(office, bill.id).vat_due_on == date(2026, 3, 4)
    assert [payable(on) for on in days] == [-1_300] * 4
    [credit] = standing_of(office, credit_id=1)[:1]
    assert credit.credit_id is not None
    undo(office, SYSTEM, credit_id=credit.credit_id, on=date(2026, 3, 9), now=day(7))
    assert payable(date(2026, 3, 9)) == -1_300  # what fell due stays due
    whole(office)


@pytest.mark.parametrize("amount_fen", [0, 101])
def test_settled_by_no_more_than_is_open(office: Conn, amount_fen: int) -> None:
    bill = owe(office, customer(office), 100)
    facts: dict[str, Any] = {"write_off_id": 1, "on": MARCH_5, "now": day(3)}
    with refused(office, errors.MoreThanOpen):
        settle(office, SYSTEM, bill_id=bill.id, amount_fen=amount_fen, **facts)
    with refused(office, errors.BillToSettleNotFound):
        settle(office, SYSTEM, bill_id=bill.id + 1, amount_fen=100, **facts)


def test_the_late_fee_of_a_bill_to_a_day(office: Conn) -> None:
    owner = customer(office)
    agreed = {"rate_per_day": "0.0005", "grace_days": 3, "cap_pct": None, "clause": "第8条"}
    bill = owe(office, owner, 300_000, due_on=date(2026, 3, 2), late_fee=agreed)
    bare = owe(office, owner, 100, due_on=date(2026, 6, 2), issued_on=date(2026, 3, 2))
    fees = late_fee_of(office, bill_ids=[bill.id, bare.id], on=date(2026, 4, 1))
    assert (fees[bill.id].days, fees[bill.id].amount_fen) == (30, 4_500)
    assert fees[bare.id].amount_fen == 0
    allocate(office, credited(office, owner, 200_000, since_on=date(2026, 3, 8)))
    fees = late_fee_of(office, bill_ids=[bill.id], on=date(2026, 4, 1))
    assert [(p.days, p.open_fen, p.amount_fen) for p in fees[bill.id].pieces] == [
        (6, 300_000, 900),
        (24, 100_000, 1_200),
    ]


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (
            "UPDATE bill_balances SET open_cost_fen = 1 WHERE settled_on IS NULL",
            "bill_balances",
        ),
        (
            "UPDATE bill_balances SET settled_on = settled_on - 1 WHERE settled_on IS NOT NULL",
            "bills_settled",
        ),
        ("UPDATE credits SET left_fen = left_fen - 1 WHERE left_fen > 0", "credits"),
        ("UPDATE deposit_balances SET held_fen = held_fen + 1", "deposits"),
        ("UPDATE bill_counters SET last_no = last_no + 1", "bill_numbers"),
    ],
    ids=["open", "settled too early", "left", "held", "a gap"],
)
def test_what_does_not_follow_is_found(office: Conn, spoil: str, check: str) -> None:
    lease = signed(office).lease
    owe(office, lease.customer_no, 100, kind="deposit", lease_id=lease.id)
    allocate(office, credited(office, lease.customer_no, 150))
    owe(office, lease.customer_no, 200)
    credited(office, lease.customer_no, 7, "y")
    whole(office)
    office.execute(spoil.encode())
    assert check in {fault.check for fault in check_balances(office)}
