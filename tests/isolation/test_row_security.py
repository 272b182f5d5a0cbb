"""What the API's role sees and can do, asked of the database itself, whatever a service forgets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg_pool import ConnectionPool

from fleet.registry.service import assign_operator
from kit.db import act_for
from schemas.access import SYSTEM
from tests.api.world import VINS, build_world
from tests.fixtures.databases import as_app
from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import World

Conn = Connection[Any]
WHO = ["changed_by", "recorded_by", "published_by"]
"""Goes along with what is known of a vehicle; services name a person to who sees the person."""
OFFERED = {"visible_pool"}
"""What organisations above offer tells who they are, and not all offer something: test_lives.py."""
NAMES = [f"{tenant}-{part}" for tenant in "ab" for part in ("root", "south", "north", "depot")]


def relations(conn: Conn) -> list[str]:
    """Every table and view that guanche_app may read, but for those of no tenant."""
    rows = conn.execute(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
          AND has_table_privilege('guanche_app', oid, 'SELECT')
          AND relname NOT IN ('schema_migrations', 'login_attempts')
        ORDER BY 1
        """
    )
    return [name for (name,) in rows]


def everything(conn: Conn) -> dict[str, list[str]]:
    """All that is in sight, as text."""
    return {
        name: [
            row
            for (row,) in conn.execute(
                sql.SQL("SELECT (to_jsonb(t) - %s::text[])::text FROM {} AS t").format(
                    sql.Identifier(name)
                ),
                [WHO],
            )
        ]
        for name in relations(conn)
    }


def count(conn: Conn, table: str) -> int:
    """How many rows are in sight."""
    row = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def test_acting_for_nobody_no_row_is_seen(app_role: Conn) -> None:
    seen = everything(app_role)
    assert len(seen) >= 18
    assert {name: rows for name, rows in seen.items() if rows} == {}


@pytest.mark.parametrize("name", NAMES)
def test_an_organisation_sees_its_subtree_and_no_mark_of_others(
    app_role: Conn, world: World, name: str
) -> None:
    viewer = world.organisations[name]
    act_for(app_role, [viewer.id])
    seen = {name: rows for name, rows in everything(app_role).items() if name not in OFFERED}
    assert leaks(itertools_chain(seen), world.barred(viewer)) == []

    below = [one for one in world.organisations.values() if viewer.sees(one)]
    rows = "\n".join(itertools_chain(seen))
    assert [one.name for one in below if one.mark not in rows] == []
    assert sorted(table for table, found in seen.items() if not found) == []


def itertools_chain(seen: dict[str, list[str]]) -> Iterator[str]:
    """All rows of all tables."""
    for rows in seen.values():
        yield from rows


def test_two_organisations_at_once_are_the_sum_of_both(app_role: Conn, world: World) -> None:
    north, depot = world.organisations["a-north"], world.organisations["b-depot"]
    counted = []
    for acting in ([north.id], [depot.id], [north.id, depot.id]):
        act_for(app_role, acting)
        counted.append(count(app_role, "vehicles"))
        app_role.rollback()
    assert min(counted) >= 6
    assert counted[2] == counted[0] + counted[1]


def test_each_side_sees_its_own_period_of_a_vehicle_handed_over(
    app_role: Conn, world: World
) -> None:
    vin = world.handed_over["a"]
    seen = {}
    for part in ("north", "south", "root", "depot"):
        one = world.organisations[f"a-{part}"]
        act_for(app_role, [one.id])
        seen[part] = app_role.execute(
            """
            SELECT count(*), min(operator_id), max(operator_id) FROM visible_telemetry
            WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)
            """,
            [vin],
        ).fetchone()
        app_role.rollback()
    north, south = (world.organisations[f"a-{part}"].id for part in ("north", "south"))
    assert seen == {
        "north": (14, north, north),
        "south": (14, south, south),
        "root": (28, min(north, south), max(north, south)),
        "depot": (0, None, None),
    }


def test_the_systems_entries_tell_nothing_of_what_is_above_or_beside(
    conn: Conn, app_conn: Conn
) -> None:
    """Handed over at the command line: the trail of who has it now names who had it before."""
    ids = build_world(conn, roles=()).organisation_ids
    now = datetime.now(UTC)
    assign_operator(
        conn, SYSTEM, vin=VINS["alpha-depot"], organisation_code="alpha-north", at=now, now=now
    )
    conn.commit()
    act_for(app_conn, [ids["alpha-north"]])
    told = "\n".join(everything(app_conn)["audit_entries"])
    others = ('"alpha"', "alpha-south", "alpha-depot")
    assert [code for code in others if code in told] == []


# The setting ends with its transaction.


def sees(conn: Conn) -> int:
    """How many organisations are in sight."""
    return count(conn, "organisations")


def test_a_commit_ends_the_sight(app_role: Conn, world: World) -> None:
    act_for(app_role, [world.organisations["a-root"].id])
    assert sees(app_role) == 12
    app_role.commit()
    assert sees(app_role) == 0
    assert app_role.execute("SELECT current_setting('app.organisations', true)").fetchone() == ("",)


def test_a_failed_transaction_ends_the_sight(app_role: Conn, world: World) -> None:
    act_for(app_role, [world.organisations["a-root"].id])
    with pytest.raises(errors.DivisionByZero):
        app_role.execute("SELECT 1 / 0")
    app_role.rollback()
    assert sees(app_role) == 0


def test_a_savepoint_gives_the_sight_back(app_role: Conn, world: World) -> None:
    act_for(app_role, [world.organisations["a-north"].id])
    before = sees(app_role)
    with pytest.raises(errors.DivisionByZero), app_role.transaction():
        act_for(app_role, [world.organisations["b-root"].id])
        assert sees(app_role) == 12
        app_role.execute("SELECT 1 / 0")
    assert sees(app_role) == before == 3


def test_outside_a_transaction_acting_for_somebody_does_nothing(
    app_role: Conn, world: World
) -> None:
    app_role.autocommit = True
    act_for(app_role, [world.organisations["a-root"].id])
    assert sees(app_role) == 0


def test_a_prepared_statement_sees_for_whom_it_is_asked(app_role: Conn, world: World) -> None:
    app_role.prepare_threshold = 0
    codes = {}
    for name in ("a-depot", "b-depot", "a-north", "a-depot"):
        one = world.organisations[name]
        for _ in range(8):  # beyond the five plans made for given parameters
            act_for(app_role, [one.id])
            codes[name] = app_role.execute(
                "SELECT min(code), count(*) FROM organisations WHERE name <> %s", ["x"]
            ).fetchone()
            app_role.commit()
    assert codes == {name: (f"op-{world.organisations[name].mark}", 3) for name in codes}


def test_a_pool_hands_out_connections_that_see_nothing(land_url: str, world: World) -> None:
    everyone = world.organisations["a-root"].id, world.organisations["b-root"].id
    with ConnectionPool(as_app(land_url), min_size=1, max_size=1) as pool:
        for break_it in (False, True):
            try:
                with pool.connection() as conn:
                    act_for(conn, everyone)
                    assert sees(conn) == 24
                    conn.execute("SELECT 1 / %s", [0 if break_it else 1])
            except errors.DivisionByZero:
                assert break_it
            with pool.connection() as conn:
                assert sees(conn) == 0


@pytest.mark.parametrize("text", ["{}", "{0}", "{-1}", "{NULL}", "", "{9223372036854775807}"])
def test_a_setting_that_names_nobody_shows_nothing(app_role: Conn, world: World, text: str) -> None:
    app_role.execute("SELECT set_config('app.organisations', %s, true)", [text])
    assert {name: len(rows) for name, rows in everything(app_role).items() if rows} == {}


@pytest.mark.parametrize("text", ["7", "all", "{1,}", "{1 OR true}", "*", "{99999999999999999999}"])
def test_a_malformed_setting_is_an_error_not_a_sight(
    app_role: Conn, world: World, text: str
) -> None:
    app_role.execute("SELECT set_config('app.organisations', %s, true)", [text])
    with pytest.raises(psycopg.DataError):
        app_role.execute("SELECT * FROM organisations")


def test_acting_for_something_that_is_no_number_is_refused(app_role: Conn, world: World) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        act_for(app_role, ["1} OR true"])  # type: ignore[list-item]
