"""No table lacks its policy or its explicit exemption, and nobody may more than they need.

Each check is shown to be able to fail: something is made wrong, and named.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from ingest.storage import open_storage
from tests.isolation import catalogue

Conn = Connection[Any]


def store_a_week(conn: Conn) -> None:
    """Rows on several days, so that telemetry has chunks or partitions."""
    today = datetime.now(UTC)
    conn.cursor().executemany(
        "INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at)"
        " VALUES (1, %(at)s, 1, 1, 1, %(at)s)",
        [{"at": today - timedelta(days=days)} for days in range(7)],
    )


def compress_all(conn: Conn) -> int:
    """Compress what can be, where the edition can; how many chunks."""
    storage = open_storage(conn, chunk_hours=12)
    compressed = 0
    while storage.compress(conn, datetime.now(UTC) - timedelta(days=1)):
        compressed += 1
    return compressed


def test_every_table_has_its_policies_or_its_exemption(conn: Conn) -> None:
    assert catalogue.tables_without_policy(conn) == []


def test_a_table_without_a_policy_is_named(conn: Conn) -> None:
    conn.execute("CREATE TABLE made_up (id bigint, tenant_id bigint)")
    conn.execute("CREATE TABLE another (id bigint)")
    conn.execute("ALTER TABLE another ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    conn.execute("CREATE POLICY all_for_all ON another USING (true)")
    conn.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    conn.execute("DROP POLICY app_reads ON organisation_closure")

    assert catalogue.tables_without_policy(conn) == [
        "another: no policy for guanche_app",
        "another: no policy for guanche_system",
        "another: a policy for everybody",
        "made_up: row security is not enabled and forced",
        "made_up: no policy for guanche_app",
        "made_up: no policy for guanche_system",
        "organisation_closure: no policy for guanche_app",
        "users: row security is not enabled and forced",
    ]


def test_exemptions_are_of_tables_that_are_there(conn: Conn) -> None:
    there = {name for (name,) in conn.execute("SELECT relname FROM pg_class")}
    assert catalogue.EXEMPT.keys() - there == set()


def test_exempt_tables_grant_the_app_nothing(conn: Conn, storage: str) -> None:
    store_a_week(conn)
    compress_all(conn)

    names = catalogue.exempt_relation_names(conn)
    below = [name for name in names if name not in catalogue.EXEMPT]
    prefix = "_timescaledb_internal." if storage == "timescaledb" else "telemetry_2"
    assert len([name for name in below if name.startswith(prefix)]) >= 7, names
    assert catalogue.exempt_tables_granted(conn) == []


def test_a_grant_on_a_chunk_or_a_column_is_named(conn: Conn) -> None:
    store_a_week(conn)
    below = [name for name in catalogue.exempt_relation_names(conn) if name not in catalogue.EXEMPT]
    conn.execute(f"GRANT SELECT (extra) ON {below[-1]} TO guanche_app")
    conn.execute("GRANT TRIGGER ON vehicle_state TO PUBLIC")

    assert catalogue.exempt_tables_granted(conn) == [
        f"{below[-1]}: guanche_app has SELECT",
        "vehicle_state: guanche_app has TRIGGER",
    ]


def test_a_later_chunk_takes_over_no_grant(conn: Conn, storage: str) -> None:
    """Grants on a hypertable pass to its chunks; what guanche_app has not, they have not."""
    open_storage(conn, chunk_hours=12).create_ahead(conn, datetime.now(UTC) + timedelta(days=9))
    store_a_week(conn)
    assert catalogue.exempt_tables_granted(conn) == []


def test_the_app_changes_no_owner_and_deletes_nothing(conn: Conn) -> None:
    assert catalogue.rights_too_wide(conn) == []


def test_a_right_that_is_too_wide_is_named(conn: Conn) -> None:
    conn.execute("GRANT UPDATE (owner_id) ON vehicles TO guanche_app")
    conn.execute("GRANT DELETE ON users TO PUBLIC")
    assert catalogue.rights_too_wide(conn) == [
        "users: guanche_app has DELETE on the whole table",
        "vehicles.owner_id: guanche_app may update it",
    ]


def test_the_app_is_a_group_that_owns_nothing(conn: Conn) -> None:
    assert catalogue.powers_of_the_app(conn) == []


def test_a_power_of_the_app_is_named(conn: Conn) -> None:
    conn.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    conn.execute("ALTER VIEW visible_devices OWNER TO guanche_app")
    faults = catalogue.powers_of_the_app(conn)
    assert [fault.rpartition(" ")[0] for fault in faults] == [
        "guanche_app owns pg_class",
        "guanche_app may create in",
    ]


def test_views_filter_before_they_are_asked(conn: Conn) -> None:
    assert catalogue.views_not_barred(conn) == []


def test_a_view_without_its_barrier_is_named(conn: Conn) -> None:
    conn.execute("ALTER VIEW visible_telemetry SET (security_barrier = false)")
    conn.execute("CREATE VIEW visible_leases WITH (security_barrier) AS SELECT 1 AS id")
    conn.execute("GRANT SELECT ON registry_device_bindings TO guanche_app")
    assert catalogue.views_not_barred(conn) == [
        "registry_device_bindings: guanche_app reads a view that is not named visible_…",
        f"visible_leases: owned by {conn.info.user}",
        "visible_telemetry: not a security barrier with its owner's rights",
    ]


def test_functions_with_their_owners_rights_are_tied_down(conn: Conn) -> None:
    assert catalogue.definer_functions_loose(conn) == []


def test_a_loose_function_is_named(conn: Conn) -> None:
    conn.execute("ALTER FUNCTION identity_find_user(text) RESET ALL")
    conn.execute("GRANT EXECUTE ON FUNCTION audit_append() TO PUBLIC")
    conn.execute(
        "CREATE FUNCTION peep() RETURNS integer LANGUAGE sql SECURITY DEFINER"
        " SET search_path = pg_catalog, public, pg_temp AS 'SELECT 1'"
    )
    conn.execute("ALTER FUNCTION peep() OWNER TO guanche_system")
    assert sorted(catalogue.definer_functions_loose(conn)) == [
        "audit_append(): everybody may execute it",
        "identity_find_user(text): its search_path is not pinned",
        "peep(): everybody may execute it",
        "peep(): not on the list",
    ]


def test_foreign_keys_carry_the_tenant(conn: Conn) -> None:
    assert catalogue.keys_across_tenants(conn) == []


def test_a_foreign_key_without_the_tenant_is_named(conn: Conn) -> None:
    conn.execute(
        "CREATE TABLE made_up"
        " (vehicle_id bigint CONSTRAINT made_up_vehicle REFERENCES vehicles (id))"
    )
    assert catalogue.keys_across_tenants(conn) == [
        "made_up.made_up_vehicle: points into vehicles by vehicle_id=id alone"
    ]


def test_loose_keys_are_there(conn: Conn) -> None:
    there = {name for (name,) in conn.execute("SELECT conname FROM pg_constraint")}
    assert catalogue.LOOSE_KEYS.keys() - there == set()


def test_nobody_may_change_the_audit_trail(conn: Conn) -> None:
    assert catalogue.changers_of_the_audit_trail(conn) == []


def test_who_may_change_the_audit_trail_is_named(conn: Conn) -> None:
    conn.execute("GRANT UPDATE (after) ON audit_entries TO guanche_app")
    assert catalogue.changers_of_the_audit_trail(conn)[0] == (
        "guanche_app has UPDATE on audit_entries"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ],
)
def test_not_even_the_owner_changes_the_audit_trail(conn: Conn, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement)
