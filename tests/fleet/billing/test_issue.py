"""A bill is issued under the next number, frozen, booked, and stays as it is, whoever asks."""

import threading
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing import service as billing
from fleet.billing.errors import (
    BillingSettingsMissing,
    BillNotADraft,
    BillNotFound,
    BillNotIssued,
    BillOutdated,
    DeliveredBeforeIssued,
    DeliveredInFuture,
    OpeningOfAnotherCustomer,
    OpeningTooLate,
)
from fleet.billing.snapshots import canonical, digest_of
from fleet.leasing.service import LeaseNotFound, amend_lease
from fleet.ledger import service as ledger
from fleet.orgs.service import change_organisation, get_organisation
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
)
from tests.fleet.conftest import VIN_B, refused
from tests.fleet.leasing.conftest import VIN_C, customer, day

Conn = Connection[Any]
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
pytestmark = on_one_storage
__all__ = ["books", "office"]
AT_ONCE = 20


def east(conn: Conn) -> int:
    return get_organisation(conn, SYSTEM, code="east").id


def numbers(conn: Conn) -> list[str]:
    found = billing.list_bills(conn, SYSTEM, {"state": "issued"}, now=day(0), limit=200)
    return sorted(each.bill_no or "" for each in found)


def opening(conn: Conn, customer_no: str, now: datetime = day(1), **given: Any) -> billing.Bill:
    facts: dict[str, Any] = {"amount_fen": 50_000, "due_on": date(2025, 12, 1), "lease_no": None}
    return billing.bring_in(conn, SYSTEM, customer_no=customer_no, now=now, **(facts | given))


def test_numbers_follow_one_another_by_organisation(books: Conn) -> None:
    for vin in ("LSGPC52U6AF102554", VIN_B, VIN_C):
        let(books, vin=vin)
    run(books, day(24))
    assert numbers(books) == [f"B2026-{east(books)}-{no:06d}" for no in range(1, 7)]


def test_the_year_is_that_of_the_organisations_zone(books: Conn) -> None:
    who = customer(books)
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert (opening(books, who, new_year).bill_no or "").startswith("B2027-")
    card = get_organisation(books, SYSTEM, code="east")
    change_organisation(
        books, SYSTEM, code="east", version=card.version, time_zone="Europe/London", now=day(0)
    )
    in_london = opening(books, who, new_year)
    assert (in_london.bill_no or "").startswith("B2026-")
    assert in_london.issued_on == date(2026, 12, 31)


def test_a_rolled_back_issue_leaves_no_gap(books: Conn) -> None:
    who = customer(books)
    with pytest.raises(ZeroDivisionError), books.transaction():
        assert opening(books, who).bill_no == f"B2026-{east(books)}-000001"
        raise ZeroDivisionError
    assert opening(books, who).bill_no == f"B2026-{east(books)}-000001"


def test_twenty_at_once_give_the_numbers_one_to_twenty(books: Conn, database_url: str) -> None:
    who = [customer(books, f"客户{no}") for no in range(AT_ONCE)]
    head = see_head(books)
    books.commit()
    barrier = threading.Barrier(AT_ONCE)
    failed: list[BaseException] = []

    def issue(place: int) -> None:
        try:
            with closing(db.connect(database_url, application_name=f"issue {place}")) as conn:
                db.act_for(conn, [head])
                barrier.wait(timeout=60)
                opening(conn, who[place])
                conn.commit()
        except BaseException as fault:
            failed.append(fault)

    threads = [threading.Thread(target=issue, args=[place]) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    assert failed == []
    assert numbers(books) == [f"B2026-{east(books)}-{no:06d}" for no in range(1, AT_ONCE + 1)]


def test_what_is_printed_is_frozen_and_told_by_its_digest(books: Conn) -> None:
    terms = agreed(line(), clauses={"late_fee": "第8条"})
    lease = let(books, terms)
    run(books, day(0, 10))
    number = f"B2026-{east(books)}-000001"
    frozen = billing.frozen_bill(books, SYSTEM, bill=number)
    content = frozen.content
    assert digest_of(canonical(content)) == frozen.sha256
    assert frozen.sha256 == billing.get_bill(books, SYSTEM, bill=number).snapshot_sha256
    assert {name: content[name] for name in ("format", "bill_no", "lease_no", "due_on")} == {
        "format": "guanche-bill/1",
        "bill_no": number,
        "lease_no": lease.lease_no,
        "due_on": "2026-03-02",
    }
    assert content["seller"]["name"] == "华东新能源租赁有限公司"
    assert content["customer"]["name"] == "顺达物流"
    assert content["total_capitals"] == "人民币叁仟元整"
    assert content["vat_by_rate"] == [
        {"vat_pct": "13.00", "net_fen": 265_487, "vat_fen": 34_513, "amount_fen": 300_000}
    ]
    [printed] = content["lines"]
    assert (printed["vin"], printed["days"], printed["amount_fen"]) == (
        *("LSGPC52U6AF102554", 31),
        300_000,
    )
    assert content["late_fee"] == {
        "rate_per_day": "0.0005",
        "grace_days": 3,
        "cap_pct": None,
        "clause": "第8条",
    }
    assert content["clauses"] == [{"concern": "late_fee", "no": "第8条"}]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE bills SET total_fen = 1 WHERE state = 'issued'",
        "UPDATE bills SET state = 'draft' WHERE state = 'issued'",
        "UPDATE bills SET snapshot = '{}' WHERE state = 'issued'",
        "DELETE FROM bills WHERE state = 'issued'",
        "UPDATE bill_lines SET amount_fen = 1, net_fen = 1, vat_fen = 0",
        "DELETE FROM bill_lines",
        "TRUNCATE bill_lines CASCADE",
        "TRUNCATE bills CASCADE",
        (
            "INSERT INTO bill_lines SELECT bill_id, 99, tenant_id, organisation_id, kind, class,"
            " title, amount_fen, net_fen, vat_fen, vat_pct, line_no, vehicle_id, from_on, until_on,"
            " source_kind, 'another', basis FROM bill_lines"
        ),
    ],
)
def test_an_issued_bill_never_changes_whoever_asks(books: Conn, change: str) -> None:
    let(books)
    run(books, day(0, 10))
    had = books.execute("SELECT * FROM bills JOIN bill_lines ON bill_id = id").fetchall()
    with (
        pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.CheckViolation)),
        books.transaction(),
    ):
        books.execute(change.encode())
    now = books.execute("SELECT * FROM bills JOIN bill_lines ON bill_id = id").fetchall()
    assert now == had


def test_what_is_earned_by_day_is_recognised_month_by_month(books: Conn) -> None:
    let(books)
    run(books, day(0, 10))
    told = {
        on: ledger.balance_of(books, account=account, on=on)
        for account, on in (
            ("rent_revenue", date(2026, 3, 30)),
            ("rent_revenue", date(2026, 3, 31)),
            ("rent_revenue", date(2026, 4, 1)),
        )
    }
    assert told == {
        date(2026, 3, 30): 0,
        date(2026, 3, 31): -256_923,
        date(2026, 4, 1): -265_487,
    }
    last = date(2026, 4, 1)
    assert ledger.balance_of(books, account="deferred_revenue", on=last) == 0
    assert ledger.balance_of(books, account="receivable", on=last) == 300_000
    assert ledger.balance_of(books, account="vat_payable", on=date(2026, 3, 2)) == -34_513


def test_vat_is_pending_until_the_day_it_is_due(books: Conn) -> None:
    lease = let(books)
    run(books, day(24))
    second = bills_of(books, lease)[1]
    assert (second.issued_on, second.due_on) == (date(2026, 3, 26), date(2026, 4, 2))
    before, on = date(2026, 4, 1), date(2026, 4, 2)
    assert ledger.balance_of(books, account="vat_pending", on=before) == -34_513
    assert ledger.balance_of(books, account="vat_pending", on=on) == 0
    assert ledger.balance_of(books, account="vat_payable", on=on) == -69_026


def test_a_draft_is_issued_by_hand_before_its_day(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    draft = bills_of(books, lease)[1]
    issued = billing.issue_bill(books, SYSTEM, bill=str(draft.key), now=day(22, 20))
    assert (issued.issued_on, issued.due_on) == (date(2026, 3, 24), date(2026, 4, 2))
    [entry] = audit.list_entries(books, SYSTEM, {"action": "bill.issue"})
    assert entry.after == {"bill_no": issued.bill_no, "kind": "rent", "total_fen": 300_000}
    with refused(books, BillNotADraft):
        billing.issue_bill(books, SYSTEM, bill=str(draft.key), now=day(23))
    assert run(books, day(24)).issued == 0


def test_a_draft_that_does_not_hold_any_more_is_not_issued(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    draft = bills_of(books, lease)[1]
    other = agreed(line(rent_fen=280_000))
    amend_lease(
        books,
        SYSTEM,
        lease_no=lease.lease_no,
        terms=other,
        effective_on=date(2026, 4, 2),
        reason="降租",
        now=day(22, 20),
    )
    with refused(books, BillOutdated):
        billing.issue_bill(books, SYSTEM, bill=str(draft.key), now=day(23))
    run(books, day(23))
    assert bills_of(books, lease)[1].total_fen == 280_000


def test_a_draft_is_discarded_by_hand_and_made_anew_by_the_next_run(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    draft = bills_of(books, lease)[1]
    gone = billing.discard_bill(books, SYSTEM, bill=str(draft.key), now=day(22, 20))
    assert (gone.state, len(bills_of(books, lease))) == ("discarded", 1)
    with refused(books, BillNotADraft):
        billing.discard_bill(books, SYSTEM, bill=str(draft.key), now=day(22, 20))
    assert run(books, day(22, 21)).drafted == 1


def test_deliveries_are_written_down_with_their_proof(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    first, draft = bills_of(books, lease)
    number = first.bill_no or ""
    billing.record_delivery(books, SYSTEM, bill=number, channel="wechat", proof="wx-1", now=day(23))
    [told] = billing.list_deliveries(books, SYSTEM, bill=number)
    assert (told.channel, told.proof, told.delivered_at) == ("wechat", "wx-1", day(23))
    facts: dict[str, Any] = {"channel": "post", "now": day(23)}
    with refused(books, BillNotIssued):
        billing.record_delivery(books, SYSTEM, bill=str(draft.key), **facts)
    with refused(books, DeliveredInFuture):
        billing.record_delivery(books, SYSTEM, bill=number, delivered_at=day(24), **facts)
    with refused(books, DeliveredBeforeIssued):
        billing.record_delivery(books, SYSTEM, bill=number, delivered_at=day(21), **facts)
    with refused(books, BillNotFound):
        billing.record_delivery(books, SYSTEM, bill="B2026-1-999999", **facts)


def test_what_was_owed_before_is_a_bill_without_revenue(books: Conn) -> None:
    lease = let(books)
    made = opening(books, lease.customer_no, lease_no=lease.lease_no, title="2025年12月租金")
    assert (made.kind, made.total_fen, made.vat_fen, made.due_on) == (
        *("opening", 50_000, 0),
        date(2025, 12, 1),
    )
    assert ledger.balance_of(books, account="opening", on=date(2026, 3, 3)) == -50_000
    assert made.late_fee == lease.terms.late_fee


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"lease_no": "L2603-NOSUCH"}, LeaseNotFound),
        ({"lease_no": "other"}, OpeningOfAnotherCustomer),
        ({"due_on": date(2026, 1, 1)}, OpeningTooLate),
    ],
)
def test_what_is_not_brought_in(books: Conn, given: dict[str, Any], fact: Any) -> None:
    lease = let(books)
    if given.get("lease_no") == "other":
        given = {"lease_no": lease.lease_no}
        who = customer(books, "别人")
    else:
        who = lease.customer_no
    with refused(books, fact):
        opening(books, who, **given)


def test_nothing_is_issued_where_nobody_says_as_whom(office: Conn) -> None:
    see_head(office)
    with refused(office, BillingSettingsMissing):
        opening(office, customer(office))
    lease = let(office)
    with refused(office, BillingSettingsMissing):
        billing.bill_now(office, SYSTEM, lease_no=lease.lease_no, now=day(1))


def test_a_reclaim_takes_back_credit_that_was_paid_out(books: Conn) -> None:
    lease = let(books)
    made = billing.open_special(
        books,
        SYSTEM,
        kind="reclaim",
        customer_id=lease.customer_id,
        organisation_id=lease.organisation_id,
        lease_id=None,
        amount_fen=70_000,
        title="追回已退余额",
        due_on=date(2026, 3, 3),
        source_key="R2603-AAAAAA",
        now=day(1),
    )
    assert (made.kind, made.state, made.total_fen) == ("reclaim", "issued", 70_000)
    on = date(2026, 3, 3)
    assert ledger.balance_of(books, account="customer_credit", on=on) == -70_000
