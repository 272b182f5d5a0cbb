"""What ingest writes carries no row security: only the views stand between a tenant and the rest.

A function that is cheap and talks, an operator that fails and tells on what, a look at the plan:
the ways by which a filter that comes too late would show rows that it then takes away.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors, sql

from kit.db import act_for
from tests.isolation.catalogue import exempt_relation_names
from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import World

Conn = Connection[Any]
VIEWS = {
    "visible_telemetry": "extra::text",
    "visible_vehicle_state": "odometer_km::text",
    "visible_refusals": "detail",
    "visible_organisations": "id::text",
    "visible_devices": "id::text",
    "visible_vehicle_periods": "vehicle_id::text",
}
"""Each with a column that tells whose a row is."""


@contextmanager
def talking_function(owner: Conn) -> Iterator[None]:
    """`says(text)`: tells everybody what it is given; the planner takes it for the cheapest."""
    owner.execute(
        """
        CREATE FUNCTION says(told text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
        BEGIN
            RAISE NOTICE 'says %', told;
            RETURN true;
        END $$
        """
    )
    owner.execute("GRANT EXECUTE ON FUNCTION says TO PUBLIC")
    owner.commit()
    try:
        yield
    finally:
        owner.rollback()
        owner.execute("DROP FUNCTION says CASCADE")
        owner.commit()


def overheard(conn: Conn, query: str) -> list[str]:
    """What is told while the query runs."""
    heard: list[str] = []

    def listen(notice: psycopg.errors.Diagnostic) -> None:
        heard.append(notice.message_primary or "")

    conn.add_notice_handler(listen)
    conn.execute(query.encode())
    conn.remove_notice_handler(listen)
    return [text.removeprefix("says ") for text in heard if text.startswith("says ")]


def columns_in_reach(conn: Conn) -> list[tuple[str, str]]:
    """Every column that guanche_app may read of a table or view of tenants."""
    return conn.execute(
        """
        SELECT c.relname::text, a.attname::text
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
          AND c.relname NOT IN ('schema_migrations', 'login_attempts')
          AND a.attnum > 0 AND NOT a.attisdropped
          AND has_column_privilege('guanche_app', c.oid, a.attnum, 'SELECT')
        ORDER BY 1, a.attnum
        """
    ).fetchall()


def test_a_talking_function_hears_of_ones_own_rows_only(
    owner: Conn, app_role: Conn, world: World
) -> None:
    """Of every column of every table and view, and of each row once at most."""
    viewer = world.organisations["a-south"]
    heard_beyond, silent = [], set()
    with talking_function(owner):
        act_for(app_role, [viewer.id])
        for name, column in columns_in_reach(app_role):
            rows = app_role.execute(f"SELECT {column}::text FROM {name}".encode()).fetchall()
            own = Counter("<NULL>" if text is None else text for (text,) in rows)
            heard = overheard(app_role, f"SELECT 1 FROM {name} WHERE says({column}::text)")
            if Counter(heard) - own:
                heard_beyond.append(f"{name}.{column}: {len(heard)} of {own.total()}")
            if not heard:
                silent.add(name)
        app_role.rollback()
    assert heard_beyond == []
    # What is offered tells who offers it, so nobody does here: test_lives.py.
    assert silent == {"visible_pool"}


def test_without_its_barrier_the_view_would_tell(owner: Conn, app_role: Conn, world: World) -> None:
    """So the test above can fail."""
    viewer = world.organisations["a-south"]
    with talking_function(owner):
        owner.execute("ALTER VIEW visible_refusals SET (security_barrier = false)")
        owner.commit()
        try:
            act_for(app_role, [viewer.id])
            heard = overheard(app_role, "SELECT 1 FROM visible_refusals WHERE says(detail)")
            app_role.rollback()
        finally:
            owner.execute("ALTER VIEW visible_refusals SET (security_barrier = true)")
            owner.commit()
    barred = {one.name for one in world.barred(viewer)}
    assert {leak.partition(":")[0] for leak in leaks(heard, world.barred(viewer))} == barred


FAILING = {
    "a cast": "SELECT 1 FROM {view} WHERE ({column})::integer > 0",
    "a division": "SELECT 1 FROM {view} WHERE 1 / (length({column}) - length({column})) > 0",
    "a cast in a join": "SELECT 1 FROM {view} JOIN (VALUES (1)) n (n) ON n = ({column})::integer",
    "a cast in an order": "SELECT 1 FROM {view} ORDER BY ({column})::integer",
    "a pattern": "SELECT 1 FROM {view} WHERE '(' ~ ({column} || '(')",
}


@pytest.mark.parametrize("failing", FAILING)
def test_an_error_tells_of_ones_own_rows_only(app_role: Conn, world: World, failing: str) -> None:
    """The row that fails the operator is named in its message."""
    for name, column in {"visible_telemetry": "extra::text", "visible_refusals": "detail"}.items():
        for viewer in world.organisations.values():
            act_for(app_role, [viewer.id])
            with pytest.raises(psycopg.DataError) as told:
                app_role.execute(FAILING[failing].format(view=name, column=column).encode())
            app_role.rollback()
            assert leaks([str(told.value)], world.barred(viewer)) == []


def test_nobody_acted_for_hears_nothing_and_fails_on_nothing(owner: Conn, app_role: Conn) -> None:
    with talking_function(owner):
        for name, column in VIEWS.items():
            assert overheard(app_role, f"SELECT 1 FROM {name} WHERE says({column})") == []
            app_role.execute(f"SELECT 1 FROM {name} WHERE ({column})::date > now()".encode())
        app_role.rollback()


@pytest.mark.parametrize("name", ["visible_telemetry", "visible_vehicle_state"])
def test_a_plan_names_no_value_of_others(app_role: Conn, world: World, name: str) -> None:
    """Estimates come from statistics of all rows; a bound or a frequent value is not shown."""
    viewer = world.organisations["a-south"]
    act_for(app_role, [viewer.id])
    for options in ("", "ANALYZE, ", "VERBOSE, ", "ANALYZE, BUFFERS, SETTINGS, "):
        row = app_role.execute(
            f"EXPLAIN ({options}FORMAT json) SELECT * FROM {name}"
            " WHERE odometer_km > 0 AND vehicle_id < 99 ORDER BY ts".encode()
        ).fetchone()
        assert row is not None
        assert leaks([json.dumps(row[0])], world.barred(viewer)) == []


def test_chunks_and_partitions_are_out_of_reach(
    owner: Conn, app_role: Conn, world: World, storage: str
) -> None:
    names = exempt_relation_names(owner)
    below = [name for name in names if re.search(r"_chunk$|^telemetry_2", name)]
    assert len(below) >= 2
    viewer = world.organisations["a-root"]
    for name in [*below, "telemetry", "vehicle_state", "ingest_rejects"]:
        for statement in ("SELECT * FROM {}", "DELETE FROM {}", "TRUNCATE {}", "COPY {} TO STDOUT"):
            act_for(app_role, [viewer.id])
            with pytest.raises(errors.InsufficientPrivilege):
                app_role.execute(statement.format(name).encode())
            app_role.rollback()


TIMESCALE_WAYS = {
    "chunks by name": "SELECT count(*) FROM show_chunks('telemetry')",
    "size": "SELECT hypertable_size('telemetry')",
    "rows": "SELECT approximate_row_count('telemetry')",
    "jobs": "SELECT * FROM timescaledb_information.jobs",
    "chunk columns": "SELECT * FROM _timescaledb_catalog.chunk_column_stats",
    "compression": "SELECT * FROM timescaledb_information.chunks",
}
TIMESCALE_DEEDS = (
    "SELECT drop_chunks('telemetry', older_than => now())",
    "SELECT set_chunk_time_interval('telemetry', interval '1 h')",
    "SELECT add_retention_policy('telemetry', interval '1 h')",
    "SELECT add_dimension('telemetry', by_hash('vehicle_id', 2))",
)


def test_the_extension_tells_nothing_of_others_and_does_nothing(
    app_role: Conn, world: World, storage: str
) -> None:
    if storage != "timescaledb":  # there is no extension, so nothing it could tell or do
        with pytest.raises(errors.UndefinedFunction):
            app_role.execute(TIMESCALE_DEEDS[0].encode())
        return
    viewer = world.organisations["a-south"]
    for way, query in TIMESCALE_WAYS.items():
        act_for(app_role, [viewer.id])
        try:
            rows = app_role.execute(query.encode()).fetchall()
        except (errors.InsufficientPrivilege, errors.FeatureNotSupported):
            rows = []
        app_role.rollback()
        assert leaks([str(row) for row in rows], world.barred(viewer)) == [], way
    for query in TIMESCALE_DEEDS:
        with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)):
            app_role.execute(query.encode())
        app_role.rollback()


def test_who_owns_a_vehicle_sees_only_what_it_may_of_its_operators_rows(
    app_role: Conn, world: World
) -> None:
    """Rows follow the operator written on them, not the owner of the vehicle."""
    depot = world.organisations["a-depot"]
    act_for(app_role, [depot.id])
    rows = app_role.execute("SELECT DISTINCT operator_id FROM visible_telemetry").fetchall()
    assert rows == [(depot.id,)]


def test_a_row_without_an_operator_is_nobodys(owner: Conn, app_role: Conn, world: World) -> None:
    everybody = [one.id for one in world.organisations.values()]
    owner.execute(
        "INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at)"
        " SELECT vehicle_id, ts, 77, device_id, NULL, received_at FROM telemetry LIMIT 3"
    )
    owner.commit()
    act_for(app_role, everybody)
    found = app_role.execute("SELECT count(*) FROM visible_telemetry WHERE seq = 77").fetchone()
    app_role.rollback()
    assert found == (0,)
    owner.execute("DELETE FROM telemetry WHERE seq = 77")
    owner.commit()


COPIES: dict[str, Callable[[str], str]] = {
    "COPY": lambda name: f"COPY (SELECT * FROM {name}) TO STDOUT",
    "COPY binary": lambda name: f"COPY (SELECT * FROM {name}) TO STDOUT (FORMAT binary)",
}


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_carries_ones_own_rows_only(app_role: Conn, world: World, way: str) -> None:
    viewer = world.organisations["b-depot"]
    act_for(app_role, [viewer.id])
    for name in VIEWS:
        with app_role.cursor().copy(COPIES[way](name).encode()) as copied:
            text = b"".join(bytes(part) for part in copied).decode(errors="replace")
        assert leaks([text], world.barred(viewer)) == []


def test_a_cursor_held_beyond_its_transaction_keeps_its_own_sight(
    app_role: Conn, world: World
) -> None:
    viewer, next_one = world.organisations["a-depot"], world.organisations["b-depot"]
    act_for(app_role, [viewer.id])
    app_role.execute("DECLARE held CURSOR WITH HOLD FOR SELECT name FROM organisations")
    app_role.commit()
    act_for(app_role, [next_one.id])
    rows = app_role.execute("FETCH ALL FROM held").fetchall()
    assert leaks([str(rows)], world.barred(viewer)) == []
    app_role.execute("CLOSE held")


@pytest.mark.parametrize("name", VIEWS)
def test_no_plan_reads_more_than_it_may_in_parallel(
    app_role: Conn, world: World, name: str
) -> None:
    """Workers of a parallel plan take the setting over."""
    viewer = world.organisations["a-south"]
    act_for(app_role, [viewer.id])
    query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(name))
    alone = sorted(app_role.execute(query).fetchall())
    for setting, value in {
        "debug_parallel_query": "on",
        "parallel_setup_cost": "0",
        "parallel_tuple_cost": "0",
        "min_parallel_table_scan_size": "0",
    }.items():
        app_role.execute(f"SET LOCAL {setting} = '{value}'".encode())
    assert sorted(app_role.execute(query).fetchall()) == alone
