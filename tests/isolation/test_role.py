"""The API's role has no way out of its role, and the database's own tables tell it nothing."""

from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors, sql

from kit.db import act_for
from tests.fixtures.databases import as_app
from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import World

Conn = Connection[Any]


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE guanche_system",
        "SET ROLE pg_read_all_data",
        "SET SESSION AUTHORIZATION pg_read_all_data",
        "SET SESSION AUTHORIZATION guanche_system",
        "GRANT guanche_system TO guanche_app",
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE users OWNER TO guanche_app",
        "DROP POLICY app_reads ON vehicles",
        "CREATE POLICY all_for_all ON vehicles USING (true)",
        "GRANT SELECT ON telemetry TO guanche_app",
        "CREATE FUNCTION public.peep() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW public.peep AS SELECT 1",
        "CREATE SCHEMA peep",
        "ALTER FUNCTION app_is_system() OWNER TO guanche_app",
        "LOCK TABLE vehicles IN ACCESS EXCLUSIVE MODE",
        "SET session_replication_role = replica",
        "COPY users TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER ROLE guanche_test_api BYPASSRLS",
        "ALTER ROLE guanche_test_api SET app.organisations = '{1}'",
        "CREATE EVENT TRIGGER peep ON sql_drop EXECUTE FUNCTION audit_append()",
        "SELECT telemetry_drop_partitions(now())",
    ],
)
def test_the_role_has_no_way_out(app_role: Conn, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        app_role.execute(statement.encode())


def organisations_seen(conn: Conn) -> int:
    """How many organisations are in sight."""
    row = conn.execute("SELECT count(*) FROM organisations").fetchone()
    assert row is not None
    return int(row[0])


def test_row_security_off_is_an_error_not_a_sight(app_role: Conn) -> None:
    app_role.execute("SET LOCAL row_security = off")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        app_role.execute("SELECT * FROM users")


def test_reset_role_leads_nowhere(app_role: Conn) -> None:
    app_role.execute("RESET ROLE")
    app_role.execute("RESET SESSION AUTHORIZATION")
    app_role.execute("RESET ALL")
    assert organisations_seen(app_role) == 0
    with pytest.raises(errors.InsufficientPrivilege):
        app_role.execute("SELECT * FROM telemetry")


@pytest.mark.parametrize(
    "function",
    [
        "organisations_enter_closure",
        "organisations_move_closure",
        "organisations_refuse_circle",
        "audit_append",
    ],
)
def test_a_trigger_with_its_owners_rights_is_not_hung_on_ones_own_table(
    app_role: Conn, world: World, function: str
) -> None:
    """On a temporary table of its own the role could give the trigger any row it likes."""
    app_role.execute("CREATE TEMPORARY TABLE mine (id bigint, tenant_id bigint, parent_id bigint)")
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for function"):
        app_role.execute(
            sql.SQL(
                "CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION {}()"
            ).format(sql.Identifier(function))
        )


def test_a_temporary_table_does_not_stand_in_for_ours(app_role: Conn, world: World) -> None:
    """The views and the functions name what they read by its id, or with a pinned path."""
    app_role.execute(
        "CREATE TEMPORARY TABLE organisation_closure AS SELECT generate_series(1, 99) AS"
        " descendant_id, 1::bigint AS ancestor_id"
    )
    app_role.execute("CREATE TEMPORARY TABLE users AS SELECT 1 AS id, 'x' AS login")
    app_role.execute("SET LOCAL search_path = pg_temp, public")
    act_for(app_role, [world.organisations["b-depot"].id])
    assert app_role.execute("SELECT count(*) FROM public.organisations").fetchone() == (3,)
    login = world.organisations["b-depot"].ids["login"]
    found = app_role.execute("SELECT login FROM public.identity_find_user(%s)", [login]).fetchone()
    assert found == (login,)


def test_a_notification_tells_nothing(land_url: str, owner: Conn, world: World) -> None:
    """Any role may listen to any channel of its database."""
    channels = ["registry_changed", *channels_of(owner)]
    with closing(psycopg.connect(as_app(land_url), autocommit=True)) as listener:
        for channel in channels:
            listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        owner.execute("UPDATE vehicles SET model = model || 'x'")
        owner.execute("UPDATE vehicle_state SET online = NOT online, speed_kmh = 3")
        owner.execute("UPDATE organisations SET name = name || 'x'")
        owner.execute("UPDATE device_bindings SET tenant_id = tenant_id")
        owner.commit()
        heard = {(each.channel, each.payload) for each in listener.notifies(timeout=1)}
    assert ("registry_changed", "") in heard
    assert {payload for _, payload in heard} == {""}


def channels_of(owner: Conn) -> list[str]:
    """Every channel that a function of the database notifies."""
    rows = owner.execute(
        """
        SELECT DISTINCT (regexp_matches(prosrc, 'pg_notify\\(''([a-z_]+)''', 'g'))[1]
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        """
    )
    return [name for (name,) in rows]


SNOOPS = {
    "planner statistics": "SELECT * FROM pg_stats WHERE schemaname <> 'pg_catalog'",
    "extended statistics": "SELECT * FROM pg_stats_ext",
    "who is connected": "SELECT * FROM pg_stat_activity",
    "sequences": "SELECT * FROM pg_sequences",
    "comments": "SELECT * FROM pg_description",
    "definitions of partitions": "SELECT pg_get_expr(relpartbound, oid) FROM pg_class",
    "an index's expressions": "SELECT * FROM pg_indexes",
    "role settings": "SELECT * FROM pg_db_role_setting",
    "large objects": "SELECT * FROM pg_largeobject_metadata",
}


@pytest.mark.parametrize("snoop", SNOOPS)
def test_the_systems_own_tables_tell_nothing(app_role: Conn, world: World, snoop: str) -> None:
    viewer = world.organisations["a-south"]
    act_for(app_role, [viewer.id])
    rows = app_role.execute(SNOOPS[snoop].encode()).fetchall()
    assert leaks([str(row) for row in rows], world.barred(viewer)) == []
