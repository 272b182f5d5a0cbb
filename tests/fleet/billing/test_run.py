"""A run drafts, issues and takes off what differs, and nothing else, however often it comes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing import jobs
from fleet.billing import service as billing
from fleet.billing.running.model import Part
from fleet.billing.service import RunCounts
from fleet.charges.service import Proposal, decide, get_charge, propose
from fleet.leasing.service import Lease, resume_lease, suspend_lease
from fleet.ledger import service as ledger
from fleet.orgs.service import get_organisation
from fleet.receivables import service as receivables
from fleet.registry.service import assign_operator
from kit import db
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import (
    agreed,
    bills_of,
    books,
    let,
    line,
    office,
    run,
    see_head,
    set_up,
)
from tests.fleet.conftest import VIN_B
from tests.fleet.leasing.conftest import SIGNED, VIN_C, back, customer, day, signed, swapped

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]


def charged(conn: Conn, lease: Lease, amount_fen: int = 20_000, kind: Any = "damage") -> Any:
    """The key of a charge that was accepted."""
    proposal = Proposal(
        lease.id,
        lease.tenant_id,
        lease.organisation_id,
        kind,
        "右后门：凹陷",
        amount_fen,
        date(2026, 3, 10),
        "hand",
        f"h-{amount_fen}",
    )
    [made] = propose(conn, SYSTEM, proposals=[proposal], now=day(8))
    decide(conn, SYSTEM, key=made.key, version=1, accept=True, now=day(9))
    return made.key


def balance(conn: Conn, account: Any, on: date) -> int:
    return ledger.balance_of(conn, account=account, on=on)


def test_the_first_run_issues_what_is_due_and_drafts_what_is_to_come(books: Conn) -> None:
    lease = let(books)
    done = run(books, day(22))
    assert done.faults == {}
    assert (done.leases, done.drafted, done.issued, done.issued_fen) == (1, 2, 1, 300_000)
    first, second = bills_of(books, lease)
    assert (first.purpose, first.state, first.due_on, first.issued_on) == (
        *("rent:1", "issued"),
        date(2026, 3, 2),
        date(2026, 3, 24),
    )
    assert (first.total_fen, first.vat_fen, first.open_fen) == (300_000, 34_513, 300_000)
    assert (second.purpose, second.state, second.issue_on) == (
        *("rent:2", "draft"),
        date(2026, 3, 26),
    )


def test_a_second_run_of_the_day_does_nothing_and_looks_at_nothing(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    had = bills_of(books, lease)
    entries = audit.list_entries(books, SYSTEM, {"action": "bill.run"})
    assert run(books, day(22, 18)) == billing.RunCounts()
    assert bills_of(books, lease) == had
    assert audit.list_entries(books, SYSTEM, {"action": "bill.run"}) == entries


def test_a_run_tells_the_trail_once_what_it_did(books: Conn) -> None:
    let(books)
    run(books, day(22))
    [entry] = audit.list_entries(books, SYSTEM, {"action": "bill.run"})
    east = get_organisation(books, SYSTEM, code="east").id
    number = f"B2026-{east}-000001"
    assert (entry.object_key, entry.actor_name, entry.organisation_code) == (
        *("east", "guanche"),
        "head",
    )
    assert entry.after == {
        "leases": 1,
        "drafted": 2,
        "discarded": 0,
        "issued": 1,
        "issued_fen": 300_000,
        "bills": [number, number],
        "credit_notes": 0,
        "credited_fen": 0,
        "faults": [],
    }


def test_a_draft_is_issued_when_its_day_has_come(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    assert run(books, day(23)).issued == 0
    done = run(books, day(24))
    assert (done.drafted, done.discarded, done.issued) == (0, 0, 1)
    second = bills_of(books, lease)[1]
    assert (second.state, second.issued_on, second.due_on) == (
        "issued",
        date(2026, 3, 26),
        date(2026, 4, 2),
    )


def test_half_a_year_without_a_run_is_caught_up_and_late_runs_give_what_daily_ones_give(
    books: Conn,
) -> None:
    daily = let(books)
    for number in range(0, 184, 7):
        run(books, day(number))
    late = let(books, vin=VIN_B)
    done = run(books, day(183))
    assert (done.leases, done.issued) == (1, 7)
    told = [(each.purpose, each.due_on, each.total_fen) for each in bills_of(books, daily)]
    assert told == [(each.purpose, each.due_on, each.total_fen) for each in bills_of(books, late)]
    assert [each.issued_on for each in bills_of(books, late, state="issued")] == (
        [date(2026, 9, 1)] * 7
    )


def test_nothing_is_billed_where_nobody_said_how(office: Conn) -> None:
    lease = let(office)
    see_head(office)
    assert run(office, day(22)) == billing.RunCounts()
    set_up(office, organisation="east")
    assert run(office, day(22)).issued == 1
    assert len(bills_of(office, lease)) == 2


def test_periods_from_before_billing_began_are_not_billed(books: Conn) -> None:
    lease = let(books, agreed(line(deposit_fen=500_000)))
    set_up(books, organisation="east", bills_from_on=date(2026, 4, 1))
    run(books, day(40))
    assert [each.purpose for each in bills_of(books, lease)] == ["rent:2"]


def test_drafts_wait_for_somebody_where_they_are_not_issued_by_themselves(books: Conn) -> None:
    lease = let(books)
    set_up(books, organisation="east", issues_itself=False)
    assert run(books, day(22)).issued == 0
    first, second = bills_of(books, lease)
    assert run(books, day(40)).discarded == 0
    assert bills_of(books, lease)[:2] == [first, second]
    issued = billing.issue_bill(books, SYSTEM, bill=str(first.key), now=day(41))
    assert (issued.state, issued.issued_on) == ("issued", date(2026, 4, 12))


def test_other_settings_make_drafts_anew(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    set_up(books, organisation="east", issue_days=9)
    done = run(books, day(22, 20))
    assert (done.leases, done.drafted, done.discarded) == (1, 1, 1)
    assert bills_of(books, lease)[1].issue_on == date(2026, 3, 24)


def test_a_deposit_is_billed_when_it_is_signed_and_stands_as_a_claim_not_as_revenue(
    books: Conn,
) -> None:
    lease = signed(books, agreed(line(deposit_fen=500_000))).lease
    run(books, day(0, 10))
    [deposit] = [each for each in bills_of(books, lease) if each.kind == "deposit"]
    assert (deposit.state, deposit.total_fen, deposit.vat_fen) == ("issued", 500_000, 0)
    on = date(2026, 3, 2)
    assert (balance(books, "deposit_receivable", on), balance(books, "deposit_due", on)) == (
        500_000,
        -500_000,
    )


def test_an_accepted_charge_joins_the_next_rent_and_is_billed_with_it(books: Conn) -> None:
    lease = let(books)
    run(books, day(1))
    key = charged(books, lease)
    done = run(books, day(22))
    assert (done.drafted, done.discarded) == (1, 0)
    run(books, day(23))
    draft = bills_of(books, lease)[1]
    assert draft.total_fen == 320_000
    assert get_charge(books, SYSTEM, key=key).state == "accepted"
    run(books, day(24))
    assert bills_of(books, lease)[1].state == "issued"
    assert get_charge(books, SYSTEM, key=key).state == "billed"


def test_a_charge_makes_a_draft_that_stands_already_anew(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    had = bills_of(books, lease)[1]
    charged(books, lease)
    done = run(books, day(22, 18))
    assert (done.drafted, done.discarded) == (1, 1)
    now = bills_of(books, lease)[1]
    assert (now.total_fen, now.key == had.key) == (320_000, False)
    assert billing.get_bill(books, SYSTEM, bill=str(had.key)).bill.state == "discarded"


def test_a_swap_is_two_lines_of_one_period(books: Conn) -> None:
    lease = let(books)
    swapped(books, lease.lease_no, VIN_C, at=day(12))
    run(books, day(40))
    first = bills_of(books, lease)[0]
    lines = billing.get_bill(books, SYSTEM, bill=first.bill_no or "").lines
    told = [(each.vin, each.line.from_on, each.line.until_on) for each in lines]
    assert told == [
        ("LSGPC52U6AF102554", date(2026, 3, 2), date(2026, 3, 14)),
        (VIN_C, date(2026, 3, 14), date(2026, 4, 2)),
    ]
    assert sum(each.line.amount_fen for each in lines) == 300_000


def test_days_that_were_billed_and_are_suspended_then_are_taken_off(books: Conn) -> None:
    lease = let(books)
    run(books, day(1))
    suspend_lease(
        books,
        SYSTEM,
        lease_no=lease.lease_no,
        from_on=date(2026, 3, 12),
        credited=True,
        reason="检修",
        now=day(10),
    )
    resume_lease(books, SYSTEM, lease_no=lease.lease_no, on=date(2026, 3, 15), now=day(13))
    done = run(books, day(14))
    assert (done.credit_notes, done.credited_fen) == (1, 29_032)
    [note] = billing.list_credit_notes(books, SYSTEM, {"lease": lease.lease_no})
    [credited] = billing.get_credit_note(books, SYSTEM, credit_no=note.credit_no).lines
    assert (credited.from_on, credited.until_on) == (date(2026, 3, 12), date(2026, 3, 15))
    assert bills_of(books, lease)[0].open_fen == 300_000 - 29_032
    assert run(books, day(15)).credit_notes == 0


def test_an_early_return_takes_off_the_days_after_it_and_discards_the_next_draft(
    books: Conn,
) -> None:
    lease = let(books)
    run(books, day(22))
    back(books, lease.lease_no, at=day(24))
    done = run(books, day(25))
    assert (done.discarded, done.credit_notes) == (1, 1)
    [only] = bills_of(books, lease)
    assert only.total_fen - only.credited_fen == round(300_000 * 25 / 31)


def test_a_bill_settled_late_costs_a_late_fee_once(books: Conn) -> None:
    lease = let(books)
    run(books, day(0, 10))
    first = bills_of(books, lease)[0]
    paid(books, lease, 300_000, on=date(2026, 4, 1))
    run(books, day(31))
    fees = [
        each.line
        for bill in bills_of(books, lease)
        for each in billing.get_bill(books, SYSTEM, bill=str(bill.key)).lines
        if each.line.kind == "late_fee"
    ]
    assert [(fee.amount_fen, fee.class_, fee.source.key) for fee in fees] == [
        (4_500, "interest", first.bill_no)
    ]
    run(books, day(62))
    again = [
        each.line.amount_fen
        for bill in bills_of(books, lease)
        for each in billing.get_bill(books, SYSTEM, bill=str(bill.key)).lines
        if each.line.kind == "late_fee"
    ]
    assert again == [4_500]


def paid(conn: Conn, lease: Lease, amount_fen: int, *, on: date) -> None:
    """The customer had so much credit on that day, and it settled what was open."""
    now = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    credit_id = receivables.add_credit(
        conn,
        SYSTEM,
        tenant_id=lease.tenant_id,
        organisation_id=lease.organisation_id,
        customer_id=lease.customer_id,
        amount_fen=amount_fen,
        source_kind="opening",
        source_key=f"paid {on}",
        since_on=on,
        now=now,
    )
    receivables.allocate_credit(conn, SYSTEM, credit_id=credit_id, on=on, now=now)


def test_a_lease_that_faults_is_noted_and_the_others_are_billed(books: Conn) -> None:
    broken, whole = let(books), let(books, vin=VIN_B)
    books.execute(
        "UPDATE lease_events SET content = jsonb_set(content, '{terms,lines}', '[]')"
        " WHERE lease_id = %s AND kind = 'signed'",
        [broken.id],
    )
    done = run(books, day(22))
    assert (list(done.faults), done.leases, done.issued) == ([broken.lease_no], 2, 1)
    assert len(bills_of(books, whole)) == 2
    [fault] = billing.list_faults(books, SYSTEM, {})
    assert (fault.lease_no, fault.organisation_code) == (broken.lease_no, "east")
    assert fault.fault.startswith("ValidationError")
    assert run(books, day(22, 20)).leases == 0
    assert run(books, day(23)).leases == 1


def test_a_lease_that_cannot_be_written_is_noted_alone(books: Conn) -> None:
    broken, whole = let(books), let(books, vin=VIN_B)
    books.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.lease_id = {broken.id} THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
    )
    books.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON bills FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        done = run(books, day(22))
    finally:
        books.execute("DROP TRIGGER refuse ON bills; DROP FUNCTION refuse")
    assert (list(done.faults), done.leases, done.issued) == ([broken.lease_no], 2, 1)
    assert [each.state for each in bills_of(books, whole)] == ["issued", "draft"]
    assert bills_of(books, broken) == []
    done = run(books, day(23))
    assert (done.leases, done.issued, billing.list_faults(books, SYSTEM, {})) == (1, 1, [])


def test_leases_come_in_chunks_and_what_is_left_is_told(books: Conn) -> None:
    for vin in ("LSGPC52U6AF102554", VIN_B, VIN_C):
        let(books, vin=vin)
    done = run(books, day(22), limit=2, chunk=1)
    assert (done.leases, done.issued, done.left) == (2, 2, 1)
    assert (run(books, day(22)).issued, run(books, day(22)).leases) == (1, 0)


def test_the_job_bills_every_tenant_that_bills(books: Conn) -> None:
    let(books)
    assert jobs.run_all(books, now=day(22)).issued == 1


def let_by_two(conn: Conn) -> list[Lease]:
    """A lease of east and one of west; their ids stand together, in two parts of the run."""
    one, other = (get_organisation(conn, SYSTEM, code=code).id for code in ("east", "west"))
    assert one % 2 != other % 2
    assign_operator(conn, SYSTEM, vin=VIN_C, organisation_code="west", at=SIGNED, now=SIGNED)
    no = customer(conn, "速达物流", "west")
    leases = [let(conn), let(conn, vin=VIN_C, customer_no=no)]
    conn.commit()
    see_head(conn)
    return leases


def test_parts_bill_each_organisation_once(books: Conn) -> None:
    leases = let_by_two(books)
    parts = [jobs.run_all(books, now=day(22), part=Part(number, 2)) for number in (0, 1)]
    assert [(done.leases, done.issued) for done in parts] == [(1, 1), (1, 1)]
    see_head(books)
    assert [[each.state for each in bills_of(books, lease)] for lease in leases] == [
        ["issued", "draft"],
        ["issued", "draft"],
    ]


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_side_by_side_it_is_the_same(books: Conn, database_url: str, parts: int) -> None:
    leases = let_by_two(books)
    done = jobs.run_side_by_side(lambda: db.connect(database_url), parts=parts, now=day(22))
    assert (done.leases, done.issued, done.faults) == (2, 2, {})
    books.commit()
    see_head(books)
    assert [len(bills_of(books, lease)) for lease in leases] == [2, 2]
    again = jobs.run_side_by_side(lambda: db.connect(database_url), parts=parts, now=day(22))
    assert again == RunCounts()


def test_a_lease_is_billed_now_by_hand(books: Conn) -> None:
    lease = let(books)
    key = charged(books, lease)
    made = billing.bill_now(books, SYSTEM, lease_no=lease.lease_no, now=day(22))
    assert [(each.purpose, each.state) for each in made] == [
        ("rent:1", "issued"),
        ("rent:2", "issued"),
    ]
    assert [each.total_fen for each in made] == [300_000, 320_000]
    assert get_charge(books, SYSTEM, key=key).state == "billed"
    assert billing.bill_now(books, SYSTEM, lease_no=lease.lease_no, now=day(22)) == []
    assert run(books, day(22)).leases == 0


def test_the_plan_tells_what_will_be_billed_and_writes_nothing(books: Conn) -> None:
    lease = let(books)
    found = billing.get_billing_plan(
        books, SYSTEM, lease_no=lease.lease_no, until_on=date(2026, 6, 2), now=day(0)
    )
    told = [(each.purpose, each.due_on, each.issue_on) for each in found.plan.drafts]
    assert told == [
        ("rent:1", date(2026, 3, 2), date(2026, 3, 2)),
        ("rent:2", date(2026, 4, 2), date(2026, 3, 26)),
        ("rent:3", date(2026, 5, 2), date(2026, 4, 25)),
        ("rent:4", date(2026, 6, 2), date(2026, 5, 26)),
    ]
    assert bills_of(books, lease) == []


def test_faults_are_walked_page_by_page(books: Conn) -> None:
    leases = [let(books), let(books, vin=VIN_B)]
    books.execute("UPDATE lease_events SET content = content - 'terms' WHERE kind = 'signed'")
    assert len(run(books, day(22)).faults) == 2
    [first] = billing.list_faults(books, SYSTEM, {}, limit=1)
    [second] = billing.list_faults(books, SYSTEM, {}, after=first.lease_no, limit=1)
    assert [first.lease_no, second.lease_no] == sorted(each.lease_no for each in leases)
    assert billing.list_faults(books, SYSTEM, {}, after=second.lease_no) == []
