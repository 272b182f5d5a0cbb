"""Credit notes take off lines or amounts, never more than is left, to the last fen of VAT."""

from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing import service as billing
from fleet.billing.errors import (
    BillLineTwice,
    BillLineUnknown,
    BillNotIssued,
    CreditExceedsBill,
    CreditExceedsLine,
    CreditNoteNotFound,
)
from fleet.billing.service import CreditNote, CreditWanted
from fleet.billing.snapshots import canonical, digest_of
from fleet.ledger import service as ledger
from fleet.receivables import service as receivables
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import agreed, bills_of, books, let, line, office, run
from tests.fleet.billing.test_run import paid
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import VIN_C, back, day, swapped

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]
ACCOUNTS: Any = ("receivable", "deferred_revenue", "rent_revenue", "vat_pending", "vat_payable")


def billed(conn: Conn, number: int = 22) -> str:
    """The number of the first bill of a new lease, issued on that day."""
    lease = let(conn)
    run(conn, day(number))
    return bills_of(conn, lease)[0].bill_no or ""


def credited(conn: Conn, bill: str, *wanted: CreditWanted, **given: Any) -> CreditNote:
    facts: dict[str, Any] = {"lines": list(wanted) or None, "reason": "减免", "now": day(23)}
    return billing.credit_bill(conn, SYSTEM, bill=bill, **(facts | given))


def balances(conn: Conn, on: date) -> dict[str, int]:
    return {each: ledger.balance_of(conn, account=each, on=on) for each in ACCOUNTS}


def test_an_amount_is_taken_off_a_line_with_its_share_of_vat(books: Conn) -> None:
    bill = billed(books)
    note = credited(books, bill, CreditWanted(1, 30_000))
    assert (note.total_fen, note.vat_fen, note.reason) == (30_000, 3_451, "减免")
    assert note.credit_no.startswith("N2026-") and note.credit_no.endswith("-000001")
    detail = billing.get_bill(books, SYSTEM, bill=bill)
    assert (detail.bill.credited_fen, detail.bill.open_fen) == (30_000, 270_000)
    assert detail.credit_nos == [note.credit_no]
    assert detail.lines[0].credited_fen == 30_000


def test_a_line_taken_off_in_parts_leaves_neither_net_nor_vat(books: Conn) -> None:
    bill = billed(books)
    parts = [100_001, 99_999, 33_333]
    notes = [credited(books, bill, CreditWanted(1, fen)) for fen in parts]
    notes.append(credited(books, bill))
    assert [note.total_fen for note in notes] == [*parts, 66_667]
    assert sum(note.vat_fen for note in notes) == 34_513
    assert [note.credit_no[-6:] for note in notes] == ["000001", "000002", "000003", "000004"]
    settled = billing.get_bill(books, SYSTEM, bill=bill).bill
    assert (settled.open_fen, settled.settled_on) == (0, date(2026, 3, 25))
    assert balances(books, date(2026, 12, 31)) == dict.fromkeys(ACCOUNTS, 0)


def test_vat_that_is_not_due_yet_never_becomes_due(books: Conn) -> None:
    lease = let(books)
    run(books, day(24))
    second = bills_of(books, lease)[1].bill_no or ""
    credited(books, second, now=day(25))
    first = 34_513
    assert [balances(books, date(2026, 4, on))["vat_payable"] for on in (1, 2)] == [-first] * 2
    assert [balances(books, date(2026, 4, on))["vat_pending"] for on in (1, 2)] == [0, 0]
    assert balances(books, date(2026, 12, 31))["rent_revenue"] == -265_487


def test_days_to_come_are_taken_back_on_their_own_day_and_past_ones_today(books: Conn) -> None:
    bill = billed(books, 0)
    credited(books, bill, now=day(33))
    assert balances(books, date(2026, 4, 3))["rent_revenue"] == -265_487
    assert balances(books, date(2026, 4, 4)) == dict.fromkeys(ACCOUNTS, 0)


def test_what_was_paid_of_it_becomes_credit(books: Conn) -> None:
    lease = let(books)
    run(books, day(0, 10))
    first = bills_of(books, lease)[0].bill_no or ""
    paid(books, lease, 300_000, on=date(2026, 3, 2))
    credited(books, first, CreditWanted(1, 40_000), now=day(1))
    [credit] = receivables.left_of(books, customer_id=lease.customer_id)
    assert (credit.source_kind, credit.left_fen) == ("credit_note", 40_000)
    assert ledger.balance_of(books, account="receivable", on=date(2026, 3, 3)) == 0


def test_a_deposit_taken_off_is_owed_no_more(books: Conn) -> None:
    lease = let(books, agreed(line(deposit_fen=500_000)))
    run(books, day(0, 10))
    [deposit] = bills_of(books, lease, kind="deposit")
    note = credited(books, deposit.bill_no or "", CreditWanted(1, 200_000), now=day(1))
    assert (note.total_fen, note.vat_fen) == (200_000, 0)
    on = date(2026, 3, 3)
    assert ledger.balance_of(books, account="deposit_receivable", on=on) == 300_000
    assert ledger.balance_of(books, account="deposit_due", on=on) == -300_000
    assert run(books, day(2)).credit_notes == 0


def test_what_is_printed_of_a_note_is_frozen(books: Conn) -> None:
    bill = billed(books)
    credited(books, bill, CreditWanted(1, 10_000))
    note = credited(books, bill, CreditWanted(1, 20_000))
    frozen = billing.frozen_credit_note(books, SYSTEM, credit_no=note.credit_no)
    assert digest_of(canonical(frozen.content)) == frozen.sha256
    names = ("format", "bill_no", "credited_before_fen", "total_fen", "reason", "issued_on")
    assert {name: frozen.content[name] for name in names} == {
        "format": "guanche-credit-note/1",
        "bill_no": bill,
        "credited_before_fen": 10_000,
        "total_fen": 20_000,
        "reason": "减免",
        "issued_on": "2026-03-25",
    }
    with refused(books, CreditNoteNotFound):
        billing.frozen_credit_note(books, SYSTEM, credit_no="N2026-1-999999")


@pytest.mark.parametrize(
    ("wanted", "fact"),
    [
        ([CreditWanted(1, 300_001)], CreditExceedsLine),
        ([CreditWanted(2)], BillLineUnknown),
        ([CreditWanted(1, 1), CreditWanted(1, 1)], BillLineTwice),
    ],
)
def test_what_is_refused(books: Conn, wanted: list[CreditWanted], fact: Any) -> None:
    bill = billed(books)
    with refused(books, fact):
        credited(books, bill, *wanted)


def test_nothing_is_left_of_a_bill_taken_off_whole(books: Conn) -> None:
    bill = billed(books)
    credited(books, bill)
    with refused(books, CreditExceedsBill):
        credited(books, bill)
    with refused(books, CreditExceedsLine):
        credited(books, bill, CreditWanted(1, 1))


def test_a_draft_is_not_credited(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    with refused(books, BillNotIssued):
        credited(books, str(bills_of(books, lease)[1].key))


def test_only_the_lines_that_are_meant_are_taken_off(books: Conn) -> None:
    lease = let(books)
    swapped(books, lease.lease_no, VIN_C, at=day(12))
    run(books, day(22))
    first = bills_of(books, lease)[0].bill_no or ""
    note = credited(books, first, CreditWanted(2))
    [taken] = billing.get_credit_note(books, SYSTEM, credit_no=note.credit_no).lines
    assert (taken.bill_line_no, taken.vin, taken.from_on) == (2, VIN_C, date(2026, 3, 14))
    detail = billing.get_bill(books, SYSTEM, bill=first)
    assert [each.credited_fen for each in detail.lines] == [0, note.total_fen]


def test_what_people_took_off_is_not_billed_again_nor_taken_off_twice(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    first = bills_of(books, lease)[0].bill_no or ""
    credited(books, first, CreditWanted(1, 100_000))
    run(books, day(24))
    assert [each.total_fen for each in bills_of(books, lease)] == [300_000, 300_000]
    back(books, lease.lease_no, at=day(25))
    run(books, day(26))
    told = [(each.total_fen - each.credited_fen) for each in bills_of(books, lease)]
    assert told == [round(300_000 * 26 / 31) - 100_000, 0]
    back_on_the_first = {"lease": lease.lease_no, "bill": first}
    assert len(billing.list_credit_notes(books, SYSTEM, back_on_the_first)) == 2


def test_it_is_told_in_the_trail(books: Conn) -> None:
    bill = billed(books)
    note = credited(books, bill, CreditWanted(1, 30_000))
    [entry] = audit.list_entries(books, SYSTEM, {"action": "bill.credit"})
    assert (entry.object_key, entry.after) == (
        note.credit_no,
        {"bill_no": bill, "total_fen": 30_000, "reason": "减免"},
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE credit_notes SET total_fen = 1",
        "DELETE FROM credit_notes",
        "UPDATE credit_note_lines SET amount_fen = 1, net_fen = 1, vat_fen = 0",
        "DELETE FROM credit_note_lines",
    ],
)
def test_a_note_never_changes_whoever_asks(books: Conn, change: str) -> None:
    credited(books, billed(books), CreditWanted(1, 30_000))
    with pytest.raises(psycopg.errors.RestrictViolation), books.transaction():
        books.execute(change.encode())


def test_notes_are_walked_page_by_page(books: Conn) -> None:
    bill = billed(books)
    made = [credited(books, bill, CreditWanted(1, 100), now=day(23 + n)) for n in range(3)]
    seen: list[str] = []
    place = None
    while page := billing.list_credit_notes(books, SYSTEM, {"bill": bill}, after=place, limit=1):
        seen.append(page[0].credit_no)
        place = (page[0].issued_at, page[0].key)
    assert seen == [note.credit_no for note in reversed(made)]
