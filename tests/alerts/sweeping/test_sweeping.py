"""A rule that cannot be asked, or a bill nobody can read, keeps no other from being told."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection

from alerts import jobs
from alerts.obligations import findings
from alerts.obligations import service as obligations
from alerts.obligations.model import Case
from alerts.refusals import service as refusals
from alerts.rules.service import all_rules
from alerts.scheduling import service as scheduling
from alerts.sweeping import jobs as sweeping
from kit import clock, db
from kit.settings import Settings
from tests.alerts.inbox.conftest import VIN_A, VIN_B, Land

Conn = Connection[Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEVER = "4713-01-01 BC"
"""A day that a database knows and Python does not."""


@pytest.fixture
def land(conn: Conn) -> Land:
    """East and west, each with an order that is late; committed."""
    made = Land(conn)
    for code, vin in (("east", VIN_A), ("west", VIN_B)):
        order(made, code, vin, "2026-11-01")
    conn.commit()
    return made


@pytest.fixture
def line(database_url: str, land: Land) -> Iterator[Conn]:
    """A connection as a worker has it."""
    with closing(db.connect(database_url, autocommit=True)) as made:
        yield made


def order(land: Land, code: str, vin: str, due_on: str) -> None:
    """A work order of an organisation that was due then."""
    land.conn.execute(
        "INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state,"
        " priority, title, due_on, opened_by, opened_at) VALUES (%s, %s, 'W2611-' ||"
        " lpad((SELECT count(*) FROM work_orders)::text, 6, '0'), %s, 'repair', 'open', 'normal',"
        " 'late', %s::date, 'lin', now())",
        [land.organisations["head"], land.organisations[code], land.vehicles[vin], due_on],
    )


def sweep(line: Conn) -> dict[str, int]:
    """One sweep as the process makes it; what was refused."""
    turn = scheduling.claim(line, role="engine", holder="here", lease_s=60)
    assert turn is not None
    told: dict[str, int] = {}

    def count(what: str, number: int) -> None:
        told[what] = number

    context = jobs.Context(Settings(), turn, all_rules, refused=count)
    jobs.SWEEP.run(line, context, clock.now())
    return told


def late(conn: Conn) -> list[tuple[str, str]]:
    """Organisation and state of each alert about an order."""
    return conn.execute(
        "SELECT o.code, a.state FROM alerts a JOIN organisations o ON o.id = a.organisation_id"
        " WHERE a.kind = 'work_order_late' ORDER BY a.id"
    ).fetchall()


def test_all_are_told_where_nothing_fails(line: Conn, land: Land) -> None:
    assert sweep(line) == {"finding": 0, "rule": 0}
    assert late(line) == [("east", "open"), ("west", "open")]


def test_a_day_that_cannot_be_read_stops_that_rule_only(line: Conn, land: Land) -> None:
    sweep(line)
    order(land, "east", VIN_A, NEVER)
    order(land, "west", VIN_B, "2026-11-02")
    land.conn.execute("UPDATE work_orders SET state = 'cancelled' WHERE due_on = '2026-11-01'")
    land.conn.commit()
    with pytest.raises(psycopg.DataError, match="too small"), line.transaction():
        obligations.find(line, all_rules(line), now=clock.now())
    assert sweep(line) == {"finding": 0, "rule": 1}
    found = [("east", "open"), ("west", "resolved"), ("west", "open")]
    assert late(line) == found, "of what could not be asked nobody knows that it is over"
    [row] = refusals.list_open(line, limit=9)
    assert (row.what, row.source, row.organisation_code) == ("rule", "sweep", "east")
    assert (row.rule_code, row.reason) == ("work_order_late", "rule_failed")
    assert row.message.startswith("DataError: date too small")
    land.conn.execute("DELETE FROM work_orders WHERE due_on < '2000-01-01'")
    land.conn.commit()
    assert sweep(line) == {"finding": 0, "rule": 0}
    assert refusals.count_open(line) == 0
    assert [state for _, state in late(line)] == ["resolved", "resolved", "open"]


def test_what_no_rule_is_to_blame_for_is_raised(line: Conn, land: Land) -> None:
    """A table of another version: it is not told that all rules fail."""
    land.conn.execute("ALTER TABLE work_orders RENAME COLUMN due_on TO due_then")
    land.conn.commit()
    with pytest.raises(psycopg.errors.UndefinedColumn):
        sweep(line)
    assert refusals.count_open(line) == 0


def test_what_cannot_be_put_into_words_is_left_out(
    line: Conn, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = findings.decided
    land.conn.execute(
        "UPDATE work_orders SET due_on = '2026-11-02' WHERE organisation_id = %s",
        [land.organisations["east"]],
    )
    land.conn.commit()
    east_left = (date(2026, 11, 2) - clock.now().astimezone(SHANGHAI).date()).days

    def odd(case: Case, rule: Any) -> Any:
        if rule.kind == "work_order_late" and case.days_left == east_left:
            raise OverflowError("date value out of range")
        return real(case, rule)

    monkeypatch.setattr(obligations, "decided", odd)
    assert sweep(line) == {"finding": 0, "rule": 1}
    assert late(line) == [("west", "open")]
    [row] = refusals.list_open(line, limit=9)
    assert (row.organisation_code, row.message) == (
        "east",
        "OverflowError: date value out of range",
    )


def test_a_finding_the_inbox_cannot_take_is_refused_again_and_again(line: Conn, land: Land) -> None:
    land.conn.execute(
        "CREATE FUNCTION not_east() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.organisation_id = {land.organisations['east']}"
        " AND NEW.kind = 'work_order_late' THEN"
        " RAISE EXCEPTION 'not east'; END IF; RETURN NEW; END $$;"
        " CREATE TRIGGER not_east BEFORE INSERT ON alerts"
        " FOR EACH ROW EXECUTE FUNCTION not_east()".encode()
    )
    land.conn.commit()
    assert [sweep(line), sweep(line)] == [{"finding": 1, "rule": 0}] * 2
    assert late(line) == [("west", "open")]
    [row] = refusals.list_open(line, limit=9)
    assert (row.what, row.times, row.reason) == ("finding", 2, "raised")
    line.execute("DROP TRIGGER not_east ON alerts")
    assert sweep(line) == {"finding": 0, "rule": 0}
    assert refusals.count_open(line) == 0
    assert sorted(late(line)) == [("east", "open"), ("west", "open")]
    assert row.refused_at > clock.now() - timedelta(minutes=5)


def test_faults_of_the_asking_alone(line: Conn, land: Land) -> None:
    order(land, "east", VIN_A, NEVER)
    order(land, "west", VIN_B, NEVER)
    land.conn.commit()
    with line.transaction():
        asked = sweeping.ask(line, all_rules(line), now=clock.now())
    east, west = land.organisations["east"], land.organisations["west"]
    assert set(asked.faults) == {(east, "work_order_late"), (west, "work_order_late")}
    assert asked.found.counted.raised["work_order_late"] == 0
    assert asked.found.gone == []
