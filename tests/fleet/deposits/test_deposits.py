"""Deposits: asked, received, held; they settle bills, are held back, given back. Never revenue."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.charges.service import Proposal, decide, propose
from fleet.deposits import errors
from fleet.deposits import service as deposits
from fleet.deposits.service import DepositStanding
from fleet.leasing.refusals import LeaseNotFound
from fleet.leasing.service import Lease, terminate_lease
from fleet.ledger import service as ledger
from fleet.orgs.service import get_organisation
from fleet.payments.service import Received, record_payment
from fleet.receivables import service as receivables
from fleet.violations.service import NewViolation, record_violations
from schemas.access import SYSTEM, PermissionMissing, StepUpRequired
from tests.fleet.conftest import VIN_A, person, refused
from tests.fleet.leasing.conftest import back, customer, day, office, out, signed, terms
from tests.fleet.leasing.test_service_races import Act, at_once
from tests.fleet.receivables.owed import Owed, owe

Conn = Connection[Any]
__all__ = ["office"]
ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
PAID_FEN = 250_000
ENDED = 100
"""The day the vehicle came back and the lease ended; the terms hold 500 yuan for 30 days."""


@dataclass(frozen=True)
class Paid:
    """A lease whose deposit was paid."""

    lease: Lease
    bill: Owed

    @property
    def no(self) -> str:
        return self.lease.lease_no


@pytest.fixture
def paid(office: Conn) -> Paid:
    """The deposit of a running lease was billed and paid; its vehicle is out."""
    wanted = terms(violation_hold_fen=50_000, violation_hold_days=30)
    lease = signed(office, wanted).lease
    bill = owe(office, lease.customer_no, PAID_FEN, kind="deposit", lease_id=lease.id)
    received = Received("bank", PAID_FEN, date(2026, 3, 2))
    record_payment(office, SYSTEM, received=received, customer_no=lease.customer_no, now=day(0, 14))
    out(office, lease.lease_no)
    return Paid(lease, bill)


def end(conn: Conn, paid: Paid) -> None:
    """The lease is over, and its vehicle back."""
    facts: dict[str, Any] = {"by": "lessee", "clause": None, "reason": "退租"}
    terminate_lease(conn, SYSTEM, lease_no=paid.no, now=day(ENDED, 9), **facts)
    back(conn, paid.no, at=day(ENDED))


def standing(conn: Conn, paid: Paid, at: int = 140) -> DepositStanding:
    return deposits.get_standing(conn, SYSTEM, lease_no=paid.no, now=day(at))


def refund(conn: Conn, paid: Paid, amount_fen: int, at: int = 140, **given: Any) -> DepositStanding:
    facts: dict[str, Any] = {"channel": "bank", "reason": "退租", "now": day(at)} | given
    return deposits.refund_deposit(conn, SYSTEM, lease_no=paid.no, amount_fen=amount_fen, **facts)


def keys(told: DepositStanding) -> list[str]:
    return [each.key for each in told.blocks]


def book(conn: Conn, *accounts: ledger.Account) -> list[int]:
    return [ledger.balance_of(conn, account=each) for each in accounts]


def test_what_was_paid_is_held_and_no_revenue(office: Conn, paid: Paid) -> None:
    told = standing(office, paid, at=10)
    deposit = told.deposit
    assert (deposit.agreed_fen, deposit.asked_fen, deposit.open_fen) == (PAID_FEN, PAID_FEN, 0)
    assert (deposit.received_fen, deposit.held_fen, deposit.credited_fen) == (
        *(PAID_FEN, PAID_FEN),
        0,
    )
    assert (told.refundable_fen, keys(told), told.vehicles_out) == (
        *(0, ["lease_running", "vehicles_out"]),
        1,
    )
    assert book(office, "bank", "deposit_liability", "deposit_due", "deposit_receivable") == [
        *(PAID_FEN, -PAID_FEN),
        *(0, 0),
    ]


@ONE_STORAGE
def test_after_the_return_it_is_given_back_less_what_the_terms_hold(
    office: Conn, paid: Paid
) -> None:
    end(office, paid)
    held_until = day(ENDED).date() + timedelta(days=30)
    told = standing(office, paid, at=ENDED + 30)
    assert (told.refundable_fen, keys(told)) == (200_000, ["violation_hold"])
    assert (told.blocks[0].until_on, told.returned_on) == (held_until, day(ENDED).date())
    with refused(office, errors.DepositNotRefundable):
        refund(office, paid, 200_001, at=ENDED + 30)
    after = refund(office, paid, 200_000, at=ENDED + 30, bank_reference="OUT-1")
    assert (after.deposit.held_fen, after.deposit.refunded_fen, after.refundable_fen) == (
        *(50_000, 200_000),
        0,
    )
    last = refund(office, paid, 50_000, at=ENDED + 31)
    assert (last.deposit.held_fen, last.refundable_fen) == (0, 0)
    assert book(office, "bank", "deposit_liability") == [0, 0]
    movement = after.movements[-1]
    assert (movement.kind, movement.channel, movement.bank_reference) == (
        *("refunded", "bank"),
        "OUT-1",
    )


def test_two_refunds_at_once_pay_once(office: Conn, paid: Paid, database_url: str) -> None:
    end(office, paid)
    office.commit()
    act: Act = lambda conn: refund(conn, paid, PAID_FEN)  # noqa: E731 — as the race takes it
    came_to = at_once(database_url, act, act, act)
    assert came_to.count("won") == 1
    lost = [each for each in came_to if each != "won"]
    assert [type(each) for each in lost] == [errors.DepositNotRefundable] * 2
    told = standing(office, paid)
    assert (told.deposit.held_fen, told.deposit.refunded_fen) == (0, PAID_FEN)
    assert book(office, "bank", "deposit_liability") == [0, 0]


@ONE_STORAGE
def test_a_refund_and_an_application_at_once_never_spend_it_twice(
    office: Conn, paid: Paid, database_url: str
) -> None:
    end(office, paid)
    bill = owe(office, paid.lease.customer_no, 100_000, lease_id=paid.lease.id)
    deposits.release_block(
        office, SYSTEM, lease_no=paid.no, block=f"bill:{bill.bill_no}", reason="x", now=day(139)
    )
    office.commit()

    def apply_it(conn: Conn) -> object:
        return deposits.apply_deposit(
            conn, SYSTEM, lease_no=paid.no, bill_no=bill.bill_no, reason="欠费", now=day(140)
        )

    at_once(database_url, apply_it, lambda conn: refund(conn, paid, PAID_FEN))
    deposit = standing(office, paid).deposit
    assert deposit.held_fen == PAID_FEN - deposit.applied_fen - deposit.refunded_fen >= 0
    assert book(office, "deposit_liability") == [-deposit.held_fen]


@ONE_STORAGE
def test_it_settles_arrears_and_what_it_settled_is_undone(office: Conn, paid: Paid) -> None:
    bill = owe(office, paid.lease.customer_no, 100_000, lease_id=paid.lease.id)
    told = deposits.apply_deposit(
        office, SYSTEM, lease_no=paid.no, bill_no=bill.bill_no, reason="欠租", now=day(20)
    )
    assert (told.deposit.applied_fen, told.deposit.held_fen) == (100_000, 150_000)
    assert book(office, "receivable", "deposit_liability") == [0, -150_000]
    [applied] = told.movements
    assert (applied.kind, applied.bill_no, applied.left_fen) == ("applied", bill.bill_no, 100_000)
    again = deposits.unapply_deposit(
        office,
        SYSTEM,
        lease_no=paid.no,
        movement=applied.key,
        amount_fen=40_000,
        reason="误抵",
        now=day(21),
    )
    assert (again.deposit.applied_fen, again.deposit.held_fen) == (60_000, 190_000)
    assert book(office, "receivable", "deposit_liability") == [40_000, -190_000]
    [open_bill] = receivables.list_open(office, lease_id=paid.lease.id)
    assert (open_bill.bill_no, open_bill.open_fen) == (bill.bill_no, 40_000)
    with refused(office, errors.DepositUndoneAlready):
        deposits.unapply_deposit(
            office,
            SYSTEM,
            lease_no=paid.no,
            movement=applied.key,
            amount_fen=60_001,
            reason="x",
            now=day(22),
        )
    with refused(office, errors.DepositMovementNotFound):
        deposits.unapply_deposit(
            office,
            SYSTEM,
            lease_no=paid.no,
            movement=again.movements[-1].key,
            reason="x",
            now=day(22),
        )


@ONE_STORAGE
def test_it_settles_only_bills_of_its_lease_that_are_open_for_so_much(
    office: Conn, paid: Paid
) -> None:
    def apply_to(bill_no: str, amount_fen: int | None = None) -> None:
        deposits.apply_deposit(
            office,
            SYSTEM,
            lease_no=paid.no,
            bill_no=bill_no,
            amount_fen=amount_fen,
            reason="x",
            now=day(20),
        )

    elsewhere = owe(office, paid.lease.customer_no, 1_000)
    with refused(office, errors.DepositBillNotFound):
        apply_to(elsewhere.bill_no)
    with refused(office, errors.DepositBillNotFound):
        apply_to(paid.bill.bill_no)
    more = owe(office, paid.lease.customer_no, 9, kind="deposit", lease_id=paid.lease.id)
    with refused(office, errors.DepositBillUnfit):
        apply_to(more.bill_no)
    large = owe(office, paid.lease.customer_no, 900_000, lease_id=paid.lease.id)
    with refused(office, errors.DepositTooSmall):
        apply_to(large.bill_no, 250_001)
    with refused(office, errors.DepositBillOpenForLess):
        apply_to(large.bill_no, 900_001)
    apply_to(large.bill_no)
    assert standing(office, paid, at=20).deposit.held_fen == 0


@ONE_STORAGE
def test_what_is_owed_stands_against_it_each_by_its_name(office: Conn, paid: Paid) -> None:
    end(office, paid)
    lease = paid.lease
    fee = {"rate_per_day": "0.0005", "grace_days": 3, "cap_pct": None}
    bill = owe(
        office, lease.customer_no, 100_000, lease_id=lease.id, due_on=date(2026, 7, 1), late_fee=fee
    )
    record_violations(
        office,
        SYSTEM,
        entries=[NewViolation("V-1", VIN_A, day(3), "违停", fine_fen=20_000)],
        now=day(130),
    )
    [charge] = propose(
        office,
        SYSTEM,
        proposals=[
            Proposal(
                lease_id=lease.id,
                tenant_id=lease.tenant_id,
                organisation_id=lease.organisation_id,
                kind="damage",
                title="车门",
                amount_fen=0,
                incurred_on=date(2026, 6, 10),
                source_kind="hand",
                source_key="h",
            )
        ],
        now=day(120),
    )
    told = standing(office, paid)
    assert told.on == date(2026, 7, 20)
    assert [(each.key, each.amount_fen) for each in told.blocks] == [
        ("violation:V-1", 20_000),
        (f"bill:{bill.bill_no}", 100_000),
        (f"late_fee:{bill.bill_no}", 950),
        (f"charge:{charge.key}", None),
    ]
    assert told.refundable_fen == 0
    decide(
        office,
        SYSTEM,
        key=charge.key,
        version=1,
        accept=True,
        amount_fen=30_000,
        note="定损",
        now=day(121),
    )
    assert standing(office, paid).refundable_fen == PAID_FEN - 150_950


@ONE_STORAGE
def test_held_back_until_a_day_or_until_it_is_released(office: Conn, paid: Paid) -> None:
    end(office, paid)
    facts: dict[str, Any] = {"lease_no": paid.no, "reason": "待定损", "now": day(135)}
    told = deposits.hold_back(office, SYSTEM, amount_fen=100_000, until_on=day(145).date(), **facts)
    assert (told.deposit.held_back_fen, told.refundable_fen) == (100_000, 150_000)
    assert standing(office, paid, at=145).refundable_fen == 150_000
    assert standing(office, paid, at=146).refundable_fen == PAID_FEN
    with refused(office, errors.DepositTooSmall):
        deposits.hold_back(office, SYSTEM, amount_fen=150_001, **facts)
    with refused(office, errors.DepositHoldOver):
        deposits.hold_back(office, SYSTEM, amount_fen=1, until_on=day(134).date(), **facts)
    [hold] = told.blocks
    part = deposits.release_block(
        office,
        SYSTEM,
        lease_no=paid.no,
        block=hold.key,
        amount_fen=30_000,
        reason="x",
        now=day(136),
    )
    assert (part.refundable_fen, part.deposit.held_back_fen) == (180_000, 70_000)
    with refused(office, errors.DepositReleasedAlready):
        deposits.release_block(
            office,
            SYSTEM,
            lease_no=paid.no,
            block=hold.key,
            amount_fen=70_001,
            reason="x",
            now=day(136),
        )
    whole = deposits.release_block(
        office, SYSTEM, lease_no=paid.no, block=hold.key, reason="x", now=day(136)
    )
    assert (whole.refundable_fen, whole.deposit.held_back_fen) == (PAID_FEN, 0)


@ONE_STORAGE
def test_what_the_rules_hold_is_released_by_a_person_with_a_reason(
    office: Conn, paid: Paid
) -> None:
    facts: dict[str, Any] = {"lease_no": paid.no, "reason": "总部同意", "now": day(20)}
    with refused(office, errors.DepositBlockNotFound):
        deposits.release_block(office, SYSTEM, block="bill:B2026-1-000001", **facts)
    with refused(office, errors.DepositReleasedWhole):
        deposits.release_block(office, SYSTEM, block="vehicles_out", amount_fen=1, **facts)
    deposits.release_block(office, SYSTEM, block="vehicles_out", **facts)
    with refused(office, errors.DepositNotRefundable):
        refund(office, paid, 1, at=20)
    told = deposits.release_block(office, SYSTEM, block="lease_running", **facts)
    assert told.refundable_fen == PAID_FEN
    assert refund(office, paid, 100_000, at=20).refundable_fen == 150_000
    entries = audit.list_entries(office, SYSTEM, {"action": "deposit.release"})
    assert [each.after["block"] for each in entries if each.after] == [
        "lease_running",
        "vehicles_out",
    ]


@ONE_STORAGE
def test_releasing_what_the_rules_hold_takes_the_permission_to_refund(
    office: Conn, paid: Paid
) -> None:
    east = get_organisation(office, SYSTEM, code="east")
    facts: dict[str, Any] = {"lease_no": paid.no, "reason": "x", "now": day(20)}
    clerk = person(east, "finance", stepped_up=False)
    with pytest.raises(StepUpRequired):
        deposits.release_block(office, clerk, block="vehicles_out", **facts)
    told = deposits.hold_back(office, clerk, amount_fen=1, **facts)
    hold = next(each.key for each in told.blocks if each.code == "hold")
    deposits.release_block(office, clerk, block=hold, **facts)
    with pytest.raises(PermissionMissing):
        deposits.hold_back(office, person(east, "sales"), amount_fen=1, **facts)
    with pytest.raises(PermissionMissing):
        deposits.total_deposits(office, person(east, "ops"))


@ONE_STORAGE
def test_what_was_held_back_to_a_day_that_is_over_is_held_back_anew(
    office: Conn, paid: Paid
) -> None:
    end(office, paid)
    facts: dict[str, Any] = {"lease_no": paid.no, "amount_fen": PAID_FEN, "reason": "违章"}
    deposits.hold_back(office, SYSTEM, until_on=day(140).date(), now=day(135), **facts)
    with refused(office, errors.DepositTooSmall):
        deposits.hold_back(office, SYSTEM, now=day(140), **facts)
    assert deposits.hold_back(office, SYSTEM, now=day(141), **facts).refundable_fen == 0


@ONE_STORAGE
def test_a_deposit_from_before_the_books_is_held(office: Conn) -> None:
    lease = signed(office).lease
    told = deposits.open_deposit(
        office, SYSTEM, lease_no=lease.lease_no, amount_fen=80_000, reason="迁移", now=day(1)
    )
    assert (told.deposit.opening_fen, told.deposit.held_fen, told.deposit.received_fen) == (
        *(80_000, 80_000),
        0,
    )
    assert book(office, "opening", "deposit_liability") == [80_000, -80_000]


@ONE_STORAGE
def test_days_lie_neither_ahead_nor_too_far_back(office: Conn, paid: Paid) -> None:
    for on in (day(21).date(), day(20).date() - timedelta(days=367)):
        with refused(office, errors.DepositDayWrong):
            deposits.open_deposit(
                office, SYSTEM, lease_no=paid.no, amount_fen=1, reason="x", on=on, now=day(20)
            )


@ONE_STORAGE
def test_a_payment_that_is_taken_back_takes_the_newest_back_first(office: Conn, paid: Paid) -> None:
    lease = paid.lease
    for fen in (100_000, 120_000):
        bill = owe(office, lease.customer_no, fen, lease_id=lease.id)
        deposits.apply_deposit(
            office, SYSTEM, lease_no=paid.no, bill_no=bill.bill_no, reason="欠租", now=day(20)
        )
    receivables.lock_customers(office, [lease.customer_id])
    came_fen = deposits.unapply_newest(
        office,
        SYSTEM,
        lease_id=lease.id,
        amount_fen=150_000,
        reason="退票",
        on=day(21).date(),
        now=day(21),
    )
    told = standing(office, paid, at=21)
    assert (came_fen, told.deposit.held_fen, told.deposit.applied_fen) == (
        *(150_000, 180_000),
        70_000,
    )
    assert [each.amount_fen for each in told.movements if each.kind == "unapplied"] == [
        *(120_000, 30_000),
    ]
    assert deposits.unapply_newest(
        office,
        SYSTEM,
        lease_id=lease.id,
        amount_fen=999_999,
        reason="退票",
        on=day(21).date(),
        now=day(21),
    ) == (70_000)


@ONE_STORAGE
def test_the_list_and_the_total(office: Conn, paid: Paid) -> None:
    signed(office)
    second = signed(office, customer_no=customer(office, "捷运")).lease
    owe(office, second.customer_no, 40_000, kind="deposit", lease_id=second.id)
    everything = deposits.list_deposits(office, SYSTEM, {})
    assert [each.lease_no for each in everything] == [second.lease_no, paid.no]
    assert [each.open_fen for each in everything] == [40_000, 0]
    for filters, numbers in (
        ({"held": True}, [paid.no]),
        ({"customer": second.customer_no}, [second.lease_no]),
        ({"organisation": "west"}, []),
        ({"search": "捷运"}, [second.lease_no]),
        ({"running": False}, []),
    ):
        found = deposits.list_deposits(office, SYSTEM, filters)
        assert [each.lease_no for each in found] == numbers
    first = everything[0]
    rest = deposits.list_deposits(
        office, SYSTEM, {}, after=(first.created_at, first.lease_id), limit=5
    )
    assert [each.lease_no for each in rest] == [paid.no]
    total = deposits.total_deposits(office, SYSTEM)
    assert (total.leases, total.held_fen, total.held_back_fen, total.open_fen) == (
        *(1, PAID_FEN),
        *(0, 40_000),
    )
    head = deposits.total_deposits(office, SYSTEM, organisation_code="head")
    assert head == total
    assert deposits.total_deposits(office, SYSTEM, organisation_code="west").held_fen == 0
    assert total.held_fen == -book(office, "deposit_liability")[0]


@ONE_STORAGE
def test_a_draft_has_no_deposit(office: Conn) -> None:
    with refused(office, LeaseNotFound):
        deposits.get_standing(office, SYSTEM, lease_no="L2603-AAAAAA", now=day(1))
