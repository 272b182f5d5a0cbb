"""What is kept of earnings, month by month: what the lines say, and nothing else."""

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.errors import RestrictViolation, UniqueViolation

from fleet.earnings.model import BY_DAY, EARNING
from fleet.earnings.service import check_earned, list_earned
from tests.fleet.earnings.by_days import earned_by_days
from tests.fleet.kpis.written import Written, WrittenLine, at
from tests.fleet.leasing.conftest import office, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


class Asked(NamedTuple):
    """So many days from a day on, as known so many days after the issue of the bill."""

    from_on: date
    days: int
    known: int


@pytest.fixture
def east(office: Conn) -> Written:
    """East writes bills of a lease."""
    return Written(office, "east", signed(office).lease.lease_no)


def rent(net_fen: int, from_on: date, until_on: date) -> WrittenLine:
    return WrittenLine("rent", net_fen, from_on=from_on, until_on=until_on)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back
@given(
    lines=st.lists(
        st.builds(
            WrittenLine,
            st.sampled_from(["rent", "package", "mileage", "late_fee", "deposit"]),
            st.integers(1, 10**9),
            from_on=st.dates(date(2025, 1, 1), date(2025, 4, 30)),
            until_on=st.dates(date(2025, 5, 1), date(2025, 8, 31)),
        ),
        min_size=1,
        max_size=4,
    ),
    issued_on=st.dates(date(2024, 12, 1), date(2025, 9, 30)),
    credited=st.tuples(st.integers(1, 10**6), st.integers(0, 200), st.integers(0, 100)),
    asked=st.builds(
        Asked,
        st.dates(date(2025, 1, 1), date(2025, 9, 30)),
        st.integers(1, 300),
        known=st.integers(-40, 300),
    ),
)
def test_any_days_are_those_of_the_lines_to_the_fen(
    east: Written,
    lines: list[WrittenLine],
    issued_on: date,
    credited: tuple[int, int, int],
    asked: Asked,
) -> None:
    credit_fen, after_days, days = credited
    from_on, until_on = asked.from_on, asked.from_on + timedelta(days=asked.days)
    known_at = at(issued_on + timedelta(days=asked.known), 5)
    with east.conn.transaction(force_rollback=True):
        bill_id = east.bill(*lines, due_on=issued_on)
        begin = lines[0].from_on or issued_on
        note = rent(min(credit_fen, lines[0].net_fen), begin, begin + timedelta(days=days + 1))
        east.credit_note(bill_id, note, on=issued_on + timedelta(days=after_days))
        assert check_earned(east.conn) == []
        rows = list_earned(
            east.conn,
            by=["month", "organisation", "vehicle", "kind"],
            scope=[east.organisation_id],
            from_on=from_on,
            until_on=until_on,
            known_at=known_at,
        )
        told = {
            (row.month_on, row.organisation_id, row.vehicle_id, row.kind): row.net_fen
            for row in rows
        }
        assert told == earned_by_days(east.conn, from_on, until_on, known_at=known_at)


def test_the_database_knows_which_kinds_earn_and_which_by_days(east: Written) -> None:
    kinds = [
        kind
        for (constraint,) in east.conn.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
            ["bill_lines_kind_check"],
        )
        for kind in re.findall(r"'(\w+)'", constraint)
    ]
    assert set(EARNING) < set(kinds)
    written = [WrittenLine(kind, 10, from_on=MARCH, until_on=MAY) for kind in kinds]
    east.bill(*written, due_on=MARCH)
    rows = east.conn.execute("SELECT kind, count(*) FROM earned_parts GROUP BY kind").fetchall()
    assert dict(rows) == {kind: 2 if kind in BY_DAY else 1 for kind in EARNING}


def test_what_was_issued_before_is_written_once(east: Written) -> None:
    """What the migration does with bills that stand."""
    bill_id = east.bill(rent(310_000, date(2026, 2, 20), date(2026, 6, 1)), due_on=MARCH)
    note_id = east.credit_note(bill_id, rent(7, MARCH, MAY), on=date(2026, 3, 26))
    rows = "SELECT to_jsonb(e) FROM earned_parts e ORDER BY 1"
    told = east.conn.execute(rows).fetchall()
    assert len(told) == 4 + 2
    spoil(east.conn, "DELETE FROM earned_parts")
    write = "SELECT write_earned_parts(%s, %s)"
    east.conn.execute(write, [[bill_id], [note_id]])
    assert east.conn.execute(rows).fetchall() == told
    with pytest.raises(UniqueViolation):
        east.conn.execute(write, [[bill_id], [note_id]])


def spoil(conn: Conn, statement: str) -> None:
    """As nobody can: what keeps rows as they are is set aside."""
    conn.execute("SET LOCAL session_replication_role = replica")
    conn.execute(statement.encode())
    conn.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE earned_parts SET net_fen = 1", "DELETE FROM earned_parts", "TRUNCATE earned_parts"],
)
def test_what_was_earned_stays(east: Written, statement: str) -> None:
    east.bill(rent(300_000, MARCH, APRIL), due_on=MARCH)
    with pytest.raises(RestrictViolation):
        east.conn.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE earned_parts SET net_fen = net_fen + 1 WHERE month_on = '2026-03-01'",
            {"earned_lines": "kept 310001, follows 310000", "earned_parts": "1 of 3 parts are off"},
        ),
        (
            "UPDATE earned_parts SET net_fen = net_fen + extract(month FROM month_on) * 2 - 8",
            {"earned_parts": "2 of 3 parts are off"},
        ),
        (
            "UPDATE earned_parts SET month_on = '2026-04-01'",
            {"earned_parts": "2 of 3 parts are off"},
        ),
        (
            "UPDATE earned_parts SET issued_at = issued_at - interval '1 day'",
            {"earned_parts": "3 of 3 parts are off"},
        ),
        ("UPDATE earned_parts SET vehicle_id = 7", {"earned_parts": "3 of 3 parts are off"}),
        (
            "DELETE FROM earned_parts WHERE month_on = '2026-05-01'",
            {"earned_lines": "kept 205544, follows 310000", "earned_parts": "2 of 2 parts are off"},
        ),
        ("DELETE FROM earned_parts", {"earned_lines": "kept 0, follows 310000"}),
    ],
    ids=["a fen", "between months", "month", "known", "vehicle", "a part", "all"],
)
def test_what_is_kept_otherwise_than_the_lines_say_is_found(
    east: Written, statement: str, told: dict[str, str]
) -> None:
    east.bill(rent(310_000, MARCH, date(2026, 6, 1)), due_on=MARCH)
    assert check_earned(east.conn) == []
    spoil(east.conn, statement)
    assert {fault.check: fault.told for fault in check_earned(east.conn)} == told
