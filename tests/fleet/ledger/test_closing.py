"""Months are closed in order once they are over; what comes later counts later."""

import threading
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.ledger import errors
from fleet.ledger.service import (
    Posting,
    check_ledger,
    close_month,
    list_closings,
    list_entries,
    post,
    trial_balance,
)
from kit import db
from schemas.access import SYSTEM
from tests.fleet.conftest import refused
from tests.fleet.ledger.conftest import APRIL_5, entry, posted

Conn = Connection[Any]
MARCH = date(2026, 3, 1)


def closed(conn: Conn, month_on: date = MARCH, organisation: str = "head", **given: Any) -> Any:
    usual: dict[str, Any] = {"organisation": organisation, "month_on": month_on, "now": APRIL_5}
    return close_month(conn, SYSTEM, **(usual | given))


def test_a_month_is_closed_with_all_below_it_and_its_balances_are_kept(fleet: Conn) -> None:
    posted(fleet, "east")
    posted(fleet, "west", key="B2026-3-000001", on=date(2026, 3, 31))
    posted(fleet, "west", key="B2026-3-000002", on=date(2026, 4, 1))
    made = closed(fleet)
    assert sorted((each.organisation_code, each.balances) for each in made) == [
        ("east", {"receivable": 10_000, "rent_revenue": -10_000}),
        ("head", {}),
        ("west", {"receivable": 10_000, "rent_revenue": -10_000}),
    ]
    assert {(each.month_on, each.closed_by, each.closed_at) for each in made} == {
        (MARCH, "guanche", APRIL_5)
    }
    assert {each.id for each in list_closings(fleet, SYSTEM, {})} == {each.id for each in made}
    assert [
        c.organisation_code for c in list_closings(fleet, SYSTEM, {"organisation": "west"})
    ] == ["west"]
    [told] = audit.list_entries(fleet, SYSTEM, {"action": "ledger.close"})
    assert (told.object_key, told.after) == ("head", {"month": "2026-03", "books": 3})
    assert check_ledger(fleet) == []


def test_what_comes_later_counts_on_the_first_open_day(fleet: Conn) -> None:
    posted(fleet)
    closed(fleet)
    was = trial_balance(fleet, SYSTEM, on=date(2026, 3, 31))
    for key, on in (("B2026-2-000002", date(2026, 3, 31)), ("B2026-2-000003", date(2026, 4, 2))):
        posted(fleet, key=key, on=on)
    found = {e.event_key: (e.happened_on, e.booked_on) for e in list_entries(fleet, SYSTEM, {})}
    assert found["B2026-2-000002"] == (date(2026, 3, 31), date(2026, 4, 1))
    assert found["B2026-2-000003"] == (date(2026, 4, 2), date(2026, 4, 2))
    assert trial_balance(fleet, SYSTEM, on=date(2026, 3, 31)) == was


@pytest.mark.parametrize(
    ("month_on", "fact"),
    [
        (date(2026, 4, 1), errors.MonthNotOver),
        (date(2027, 1, 1), errors.MonthNotOver),
        (date(2026, 2, 1), errors.MonthNotNext),
    ],
    ids=["this month", "next year", "before the first entry"],
)
def test_only_the_next_month_that_is_over_is_closed(fleet: Conn, month_on: date, fact: Any) -> None:
    posted(fleet)
    with refused(fleet, fact):
        closed(fleet, month_on)
    assert list_closings(fleet, SYSTEM, {}) == []


def test_months_are_closed_in_order_and_once(fleet: Conn) -> None:
    posted(fleet, on=date(2026, 1, 31))
    with pytest.raises(errors.MonthNotNext) as raised:
        closed(fleet)
    assert raised.value.facts == {"month": "2026-03", "next": "2026-01"}
    for month in (1, 2, 3):
        assert len(closed(fleet, date(2026, month, 1))) == 3
    with refused(fleet, errors.MonthNotNext):
        closed(fleet)
    months = [each.month_on for each in list_closings(fleet, SYSTEM, {"organisation": "east"})]
    assert months == [date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1)]


def test_the_last_day_of_a_month_ends_in_the_zone_of_the_organisation(fleet: Conn) -> None:
    posted(fleet)
    with refused(fleet, errors.MonthNotOver):
        closed(fleet, now=datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    assert len(closed(fleet, now=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))) == 3


def test_nothing_is_closed_where_nothing_was_posted(fleet: Conn) -> None:
    with refused(fleet, errors.NothingToClose):
        closed(fleet)


def test_a_book_below_that_is_closed_further_stays_as_it_is(fleet: Conn) -> None:
    posted(fleet, "east", on=date(2026, 2, 1))
    closed(fleet, date(2026, 2, 1), "east")
    closed(fleet, MARCH, "east")
    assert {c.organisation_code for c in closed(fleet, date(2026, 2, 1))} == {"head", "west"}
    assert {c.organisation_code for c in closed(fleet, MARCH)} == {"head", "west"}
    posted(fleet, "east", key="B2026-2-000009", on=date(2026, 2, 20))
    [late] = list_entries(fleet, SYSTEM, {"event_key": "B2026-2-000009"})
    assert late.booked_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_books SET closed_until_on = '2026-03-01'",
        "UPDATE ledger_books SET closed_until_on = NULL",
        "DELETE FROM ledger_books",
    ],
    ids=["opened a month", "opened for good", "thrown away"],
)
def test_a_closed_book_is_not_opened_again_not_even_by_the_owner(fleet: Conn, change: Any) -> None:
    posted(fleet)
    closed(fleet)
    with pytest.raises(psycopg.errors.RestrictViolation), fleet.transaction():
        fleet.execute(change)
    assert check_ledger(fleet) == []


def test_nobody_posts_into_a_closed_month_not_even_the_owner(fleet: Conn) -> None:
    posted(fleet)
    closed(fleet)
    with pytest.raises(psycopg.errors.CheckViolation) as raised, fleet.transaction():
        fleet.execute(
            "WITH made AS (INSERT INTO ledger_entries (tenant_id, organisation_id, event_kind,"
            " event_key, happened_on, booked_on, title, recorded_by, recorded_at) SELECT tenant_id,"
            " organisation_id, 'bill', 'x', '2026-03-31', '2026-03-31', 'x', 'x', now()"
            " FROM ledger_entries RETURNING id, tenant_id, organisation_id, booked_on)"
            " INSERT INTO ledger_postings (entry_id, no, tenant_id, organisation_id, booked_on,"
            " account, amount_fen) SELECT id, n, tenant_id, organisation_id, booked_on, 'bank',"
            " 2 * n - 3 FROM made, generate_series(1, 2) AS n"
        )
    assert raised.value.diag.constraint_name == "ledger_postings_open_month"


def test_what_was_changed_from_behind_is_found(fleet: Conn) -> None:
    posted(fleet)
    closed(fleet)
    fleet.execute("SET LOCAL session_replication_role = replica")
    fleet.execute("UPDATE ledger_postings SET amount_fen = 9999 WHERE amount_fen > 0")
    fleet.execute("UPDATE ledger_books SET closed_until_on = NULL")
    found = [(fault.check, fault.key, fault.told) for fault in check_ledger(fleet)]
    assert found[0] == ("entries_balance", "bill B2026-2-000001 0", "2 postings, off by -1 fen")
    assert [(check, key) for check, key, _ in found[1:]] == [
        ("closings_stay", "east 2026-03"),
        ("closings_closed", "east 2026-03"),
        ("closings_closed", "head 2026-03"),
        ("closings_closed", "west 2026-03"),
    ]


def waits_for_a_lock(conn: Conn, pid: int) -> bool:
    asked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    row = conn.execute(asked, [pid]).fetchone()
    return row is not None and row[0] is True


def test_whoever_closes_waits_for_what_is_being_posted(fleet: Conn, database_url: str) -> None:
    posted(fleet)
    fleet.commit()
    with closing(db.connect(database_url)) as other, closing(db.connect(database_url)) as watcher:
        posted(other, key="B2026-2-000002", on=date(2026, 3, 31))
        made: list[Any] = []
        closer = threading.Thread(target=lambda: made.extend(closed(fleet)))
        closer.start()
        while not waits_for_a_lock(watcher, fleet.info.backend_pid):
            watcher.rollback()
        other.commit()
        closer.join()
    balances = {each.organisation_code: each.balances for each in made}
    assert balances["east"] == {"receivable": 20_000, "rent_revenue": -20_000}
    assert check_ledger(fleet) == []


@pytest.mark.parametrize("organisation", ["east", "west"], ids=["there is a book", "the first"])
def test_whoever_posts_waits_for_the_closing_and_counts_later(
    fleet: Conn, database_url: str, organisation: str
) -> None:
    posted(fleet)
    late = entry(fleet, organisation, "B2026-9-000002", date(2026, 3, 31))
    fleet.commit()
    with closing(db.connect(database_url)) as other, closing(db.connect(database_url)) as watcher:
        closed(fleet)
        poster = threading.Thread(target=lambda: post(other, SYSTEM, [late], now=APRIL_5))
        poster.start()
        while not waits_for_a_lock(watcher, other.info.backend_pid):
            watcher.rollback()
        fleet.commit()
        poster.join()
        other.commit()
    [found] = list_entries(fleet, SYSTEM, {"event_key": "B2026-9-000002"})
    assert found.booked_on == date(2026, 4, 1)
    assert check_ledger(fleet) == []


def test_two_who_close_the_same_month_close_it_once(fleet: Conn, database_url: str) -> None:
    posted(fleet, postings=(Posting("bank", 5), Posting("receivable", -5)))
    fleet.commit()
    with closing(db.connect(database_url)) as other, closing(db.connect(database_url)) as watcher:
        closed(fleet)
        facts: list[Any] = []

        def second() -> None:
            with pytest.raises(errors.MonthNotNext) as raised:
                closed(other)
            facts.append(raised.value.facts["next"])

        waiting = threading.Thread(target=second)
        waiting.start()
        while not waits_for_a_lock(watcher, other.info.backend_pid):
            watcher.rollback()
        fleet.commit()
        waiting.join()
    assert facts == ["2026-04"]
