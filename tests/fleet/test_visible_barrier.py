"""The views over telemetry are barriers, and let time prune what is read."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.usage.store import _queries

from .conftest import at
from .seen import Fleet, build_fleet


@pytest.fixture
def fleet(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet of `seen.py`: vehicle A has samples at 10, 11 (east's), 12 and 13 (west's)."""
    made = build_fleet(conn, app_conn)
    for hour in (10, 11, 12, 13):
        made.sample("A", at(hour), lat=22.5, lon=114.0, soc_pct=hour)
    return made


def test_a_day_is_read_from_the_chunks_of_the_day_alone(fleet: Fleet) -> None:
    for days in range(5):
        fleet.sample("A", at(9) - timedelta(days=days), seq=1, lat=22.5, lon=114.0)
    fleet.conn.commit()
    fleet.conn.autocommit = True
    fleet.conn.execute("ANALYZE telemetry")
    fleet.conn.autocommit = False
    day = at(0) - timedelta(days=2)
    touching = chunks_of(fleet.conn, day, day + timedelta(days=1))
    assert 1 <= len(touching) < 5 <= len(chunks_of(fleet.conn, at(0), at(0), every=True))
    wanted = {
        "vehicle_id": fleet.vehicle_ids["A"],
        "from_at": day,
        "until_at": day + timedelta(days=1),
        "max_samples": 50_000,
    }
    with fleet.as_member("east") as conn:
        rows = conn.execute("EXPLAIN (ANALYZE) " + _queries.list_places, wanted).fetchall()
    plan = "\n".join(row[0] for row in rows)
    scanned = set(re.findall(r"Scan .*?on (_hyper_\w+?_chunk|telemetry_\d+_\d+)\b", plan))
    assert scanned == touching, plan
    assert "rows=1" in plan.splitlines()[0]


def chunks_of(
    conn: Connection[Any], from_at: datetime, until_at: datetime, *, every: bool = False
) -> set[str]:
    """The chunks or partitions with a part of the period in them, or all of them."""
    timescale = conn.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
    query = (
        "SELECT name FROM telemetry_partitions WHERE %s OR (from_at < %s AND until_at > %s)"
        if timescale is None
        else "SELECT chunk_name FROM timescaledb_information.chunks"
        " WHERE hypertable_name = 'telemetry' AND (%s OR (range_start < %s AND range_end > %s))"
    )
    return {row[0] for row in conn.execute(query, [every, until_at, from_at])}


def fill_samples(fleet: Fleet) -> None:
    fleet.sample("C", at(13), soc_pct=99)
    fleet.sample("X", at(13), soc_pct=98)


def fill_states(fleet: Fleet) -> None:
    for vehicle, soc_pct in (("A", 12), ("B", 13), ("C", 99), ("X", 98)):
        fleet.state(vehicle, at(13), soc_pct=soc_pct)


def fill_refusals(fleet: Fleet) -> None:
    for number, serial in ((12, "T-A"), (13, "T-B"), (99, "T-C"), (98, "T-X")):
        fleet.refusal(number, serial, at(13), raw=b"." * number)


@pytest.mark.parametrize(
    ("view", "column", "kind", "fill"),
    [
        ("visible_telemetry", "soc_pct", "real", fill_samples),
        ("visible_vehicle_state", "soc_pct", "real", fill_states),
        ("visible_refusals", "length(raw)", "integer", fill_refusals),
    ],
)
def test_a_caller_s_function_sees_no_row_that_the_caller_does_not(
    fleet: Fleet, view: str, column: str, kind: str, fill: Callable[[Fleet], None]
) -> None:
    fill(fleet)
    told: list[str] = []
    fleet.app_conn.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
    with fleet.as_member("west") as conn:
        conn.execute(
            f"CREATE FUNCTION pg_temp.tells(seen {kind}) RETURNS boolean"
            " LANGUAGE plpgsql COST 0.0000001 AS"
            " $$ BEGIN RAISE NOTICE '%', seen; RETURN true; END $$"
        )
        conn.execute(f"SELECT FROM {view} WHERE pg_temp.tells({column})")
    assert sorted(told) == ["12", "13"]
