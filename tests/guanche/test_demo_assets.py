"""The demo's vehicle book: mostly in order, here and there not, and the same every time."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.months import add_months
from guanche.demo_assets import seed_assets
from guanche.seed import seed_fleet
from guanche.seed_papers import SeedVehicle, papers_of
from simulators.roster import fleet_roster

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
BOOK = [papers_of(place, one.vin, TODAY) for place, one in enumerate(fleet_roster(200, 1))]


def ends_of(one: SeedVehicle, kind: str) -> date | None:
    return max((each.until_on for each in one.policies if each.kind == kind), default=None)


def test_there_is_something_of_everything() -> None:
    assert Counter(one.stage for one in BOOK) == {
        "let": 130,
        "in_stock": 40,
        "in_service": 20,
        "for_sale": 10,
    }
    assert sum(one.inspections[-1][1] < TODAY for one in BOOK) == 7
    years_ago = add_months(TODAY, -24)
    forgotten = [one.vin for one in BOOK if one.inspections[-1][1] < years_ago]
    assert forgotten == [BOOK[75].vin]
    assert sum(ends <= TODAY for one in BOOK if (ends := ends_of(one, "compulsory"))) == 7
    assert sum(ends_of(one, "commercial") is None for one in BOOK) == 18
    assert sum(one.permit_reviewed_to_on is not None for one in BOOK) == 14


def test_nothing_is_on_record_before_the_vehicle_was_registered() -> None:
    for one in BOOK:
        assert one.registered_on <= TODAY - timedelta(days=60)
        assert all(one.registered_on <= policy.from_on for policy in one.policies)
        assert all(one.registered_on <= done_on <= TODAY for done_on, _ in one.inspections)


def test_what_falls_due_follows_from_the_book(conn: Connection[Any]) -> None:
    roster = fleet_roster(200, 1)
    seed_fleet(conn, roster, NOW)
    assert seed_assets(conn, roster, NOW) == 200
    overdue = dict(
        conn.execute(
            "SELECT kind, count(*) FROM obligations WHERE is_open AND due_on < %s GROUP BY kind",
            [TODAY],
        ).fetchall()
    )
    assert (overdue["inspection"], overdue["compulsory"]) == (7, 7)
    missing = conn.execute(
        "SELECT kind, count(*) FROM obligations"
        " WHERE is_open AND due_on IS NULL AND due_odometer_km IS NULL GROUP BY kind"
    ).fetchall()
    assert missing == [("commercial", 18)]
    stages = dict(
        conn.execute(
            "SELECT stage, count(*) FROM vehicle_stages WHERE upper_inf(staged_period) GROUP BY 1"
        ).fetchall()
    )
    assert stages == Counter(one.stage for one in BOOK)
    assert conn.execute(
        "SELECT state, count(*) FROM work_orders GROUP BY 1 ORDER BY 1"
    ).fetchall() == [("in_progress", 10), ("open", 10)]


def test_a_book_is_written_once(conn: Connection[Any]) -> None:
    roster = fleet_roster(20, 1)
    seed_fleet(conn, roster, NOW)
    assert seed_assets(conn, roster, NOW) == 20
    assert seed_assets(conn, roster, NOW) == 0
