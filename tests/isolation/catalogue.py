"""What the database's own catalogue says of isolation: each table has its policies or is exempt.

Each check gives the faults it found as sentences; none means it holds. Leaves out whether a policy
says the right thing: `test_row_security.py` asks the database that.
"""

from typing import Any, Final, NamedTuple

from psycopg import Connection

TABLE_PRIVILEGES: Final = (
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
)
COLUMN_PRIVILEGES: Final = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


class Exemption(NamedTuple):
    """Why a table carries no row security, and what guanche_app may do with it all the same."""

    reason: str
    granted: frozenset[str] = frozenset()


EXEMPT: Final = {
    "telemetry": Exemption("the columnstore excludes row security; read by visible_telemetry"),
    "vehicle_state": Exemption("written in bulk by ingest; read by visible_vehicle_state"),
    "ingest_rejects": Exemption("may be of no tenant; read by visible_refusals"),
    "ingest_slots": Exemption("the processes of ingest, of no tenant"),
    "telemetry_partitions": Exemption("names and spans of partitions, of no tenant"),
    "telemetry_batches": Exemption("which samples came together, for the alert engine"),
    "alert_checkpoints": Exemption("what the alert engine remembers, of all tenants"),
    "alert_leaders": Exemption("which process acts, of no tenant"),
    "alert_jobs": Exemption("what is due when, of no tenant"),
    "schema_migrations": Exemption("which migrations have run", frozenset({"SELECT"})),
    "login_attempts": Exemption(
        "counts before anybody is known; subjects are digests",
        frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}),
    ),
}
"""By name; the chunks and partitions of telemetry are exempt with it."""

MAY_NEVER_CHANGE: Final = ("id", "tenant_id", "owner_id", "organisation_id", "device_id", "user_id")

DEFINER_FUNCTIONS: Final = {
    "organisations_enter_closure()": "trigger: writes the closure, which guanche_app may not",
    "organisations_move_closure()": "trigger: writes the closure, which guanche_app may not",
    "organisations_refuse_circle()": "trigger: looks for a circle above one's own sight",
    "audit_append()": "trigger: numbers entries and writes the heads, which guanche_app may not",
    "identity_find_user(text)": "who asks is known only afterwards; one log-in",
    "identity_find_session(bytea)": "who asks is known only afterwards; one secret",
    "identity_find_api_key(text)": "who asks is known only afterwards; one key",
    "identity_find_password_reset(bytea)": "who asks is known only afterwards; one secret",
    "calendar_find_feed(bytea)": "who asks is known only afterwards; one secret",
    "imports_next(timestamp with time zone,timestamp with time zone)": "takes one up; tells a key",
    "billing_tenants()": "whom the job bills; tells ids",
    "billing_settings_of(bigint)": "settings of those above; for an organisation in sight only",
    "ledger_books_begin()": "trigger: asks until when the books above are closed",
    "alert_rules_reaching(bigint)": "rules above; for an organisation in sight only",
    "alert_escalation_reaching(bigint)": "steps above; for an organisation in sight only",
    "tax_profile_of(bigint,date)": "the taxpayer above; for an organisation in sight only",
    "leases_hold_vehicle(bigint,timestamp with time zone)": "a transfer must know; tells yes or no",
    "contracts_to_verify(timestamp with time zone,integer)": "who reads them again; tells numbers",
    "dunning_organisations()": "a job of no tenant: whose bills are dunned; tells ids only",
    "documents_to_erase(timestamp with time zone,integer)": "whose bytes go; tells digests",
    "idempotent_answers_prune(timestamp with time zone)": "deletes by age; tells a number",
}
PINNED_PATH: Final = "search_path=pg_catalog, public, pg_temp"

LOOSE_KEYS: Final = {
    "vehicle_state_vehicle_id_fkey": "ingest writes it; its operator stands on the row",
    "audit_entries_organisation_id_fkey": "the organisation itself; the table has no other owner",
    "audit_heads_organisation_id_fkey": "the organisation itself; the table has no other owner",
    "idempotent_answers_organisation_id_fkey": "the organisation itself; no other owner",
}
"""Foreign keys that carry neither tenant_id nor organisation_id on both sides, and why."""


def tables_without_policy(conn: Connection[Any]) -> list[str]:
    """Tables of ours without forced row security or without a policy for either role."""
    rows = conn.execute(
        """
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
               ARRAY(SELECT r::regrole::text FROM pg_policy p, unnest(p.polroles) AS r
                     WHERE p.polrelid = c.oid AND p.polpermissive)
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_inherits i
                          WHERE i.inhrelid = c.oid AND i.inhparent = 'telemetry'::regclass)
        ORDER BY 1
        """
    ).fetchall()
    faults = []
    for name, forced, roles in rows:
        if name in EXEMPT:
            continue
        if not forced:
            faults.append(f"{name}: row security is not enabled and forced")
        faults += [
            f"{name}: no policy for {role}"
            for role in ("guanche_app", "guanche_system")
            if role not in roles
        ]
        if "-" in roles:
            faults.append(f"{name}: a policy for everybody")
    return faults


def exempt_tables_granted(conn: Connection[Any]) -> list[str]:
    """What guanche_app may do with tables that carry no row security, and should not."""
    faults = []
    for oid, name, exempt_as in _exempt_relations(conn):
        allowed = EXEMPT[exempt_as].granted
        for privilege in TABLE_PRIVILEGES:
            row = conn.execute(
                """
                SELECT has_table_privilege('guanche_app', %(oid)s::oid, %(privilege)s)
                    OR (%(column)s
                        AND has_any_column_privilege('guanche_app', %(oid)s::oid,
                            CASE WHEN %(column)s THEN %(privilege)s ELSE 'SELECT' END))
                """,
                {"oid": oid, "privilege": privilege, "column": privilege in COLUMN_PRIVILEGES},
            ).fetchone()
            assert row is not None
            if row[0] and privilege not in allowed:
                faults.append(f"{name}: guanche_app has {privilege}")
    return faults


def exempt_relation_names(conn: Connection[Any]) -> list[str]:
    """The exempt tables, with every chunk and partition."""
    return [name for _, name, _ in _exempt_relations(conn)]


def _exempt_relations(conn: Connection[Any]) -> list[tuple[int, str, str]]:
    """(oid, name, exempt as); what stands below telemetry, compressed or not, is exempt as it."""
    return conn.execute(
        """
        WITH RECURSIVE below (oid, exempt_as) AS (
            SELECT c.oid, c.relname::text FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(exempt)s)
            UNION
            SELECT i.inhrelid, b.exempt_as FROM pg_inherits i JOIN below b ON b.oid = i.inhparent
        )
        SELECT oid, oid::regclass::text, exempt_as FROM below
        UNION
        SELECT c.oid, c.oid::regclass::text, 'telemetry' FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '_timescaledb_internal' AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 2
        """,
        {"exempt": list(EXEMPT)},
    ).fetchall()


def rights_too_wide(conn: Connection[Any]) -> list[str]:
    """Rights of guanche_app on tables with row security that reach further than its work."""
    faults = [
        f"{name}: guanche_app has {privilege} on the whole table"
        for name, privilege in conn.execute(
            """
            SELECT c.relname, a.privilege_type
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
              AND a.grantee IN ('guanche_app'::regrole, 0)
              AND a.privilege_type NOT IN ('SELECT', 'INSERT') AND c.relname <> ALL (%(exempt)s)
            """,
            {"exempt": list(EXEMPT)},
        )
    ]
    faults += [
        f"{name}.{column}: guanche_app may update it"
        for name, column in conn.execute(
            """
            SELECT c.relname, a.attname
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
              AND a.attname = ANY (%(never)s) AND NOT a.attisdropped
              AND has_column_privilege('guanche_app', c.oid, a.attnum, 'UPDATE')
            """,
            {"never": list(MAY_NEVER_CHANGE)},
        )
    ]
    return faults


def powers_of_the_app(conn: Connection[Any]) -> list[str]:
    """What guanche_app could do besides using its grants."""
    faults = []
    row = conn.execute(
        "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication"
        " FROM pg_roles WHERE rolname = 'guanche_app'"
    ).fetchone()
    if row != (False,) * 6:
        faults.append(f"guanche_app is more than a group: {row}")
    groups = conn.execute(
        "SELECT rolname FROM pg_roles WHERE rolname <> 'guanche_app'"
        " AND pg_has_role('guanche_app', oid, 'MEMBER')"
    )
    faults += [f"guanche_app is a member of {name}" for (name,) in groups]
    owned = conn.execute(
        "SELECT classid::regclass::text, objid FROM pg_shdepend"
        " WHERE refobjid = 'guanche_app'::regrole AND deptype = 'o'"
    )
    faults += [f"guanche_app owns {kind} {oid}" for kind, oid in owned]
    schemas = conn.execute(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege('guanche_app', oid, 'CREATE')"
        " AND NOT pg_is_other_temp_schema(oid) AND oid <> pg_my_temp_schema()"
    )
    faults += [f"guanche_app may create in {name}" for (name,) in schemas]
    return faults


def views_not_barred(conn: Connection[Any]) -> list[str]:
    """Views named visible_* that do not filter first or run with the wrong rights, and views that
    guanche_app may read although they are none of these.
    """
    rows = conn.execute(
        """
        SELECT c.relname, pg_get_userbyid(c.relowner),
               coalesce('security_barrier=true' = ANY (c.reloptions), false),
               coalesce('security_invoker=true' = ANY (c.reloptions), false),
               has_table_privilege('guanche_app', c.oid, 'SELECT')
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1
        """
    ).fetchall()
    faults = []
    for name, owner, barrier, invoker, read in rows:
        if name.startswith("visible_"):
            if not barrier or invoker:
                faults.append(f"{name}: not a security barrier with its owner's rights")
            if owner != "guanche_system":
                faults.append(f"{name}: owned by {owner}")
        elif read:
            faults.append(f"{name}: guanche_app reads a view that is not named visible_…")
    return faults


def definer_functions_loose(conn: Connection[Any]) -> list[str]:
    """Functions with their owner's rights that are not on the list, or not tied down."""
    rows = conn.execute(
        """
        SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner),
               coalesce(p.proconfig, '{}'),
               EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                       WHERE a.grantee = 0)
        FROM pg_proc p
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
        """
    ).fetchall()
    faults = [f"{name}: not on the list" for name, *_ in rows if name not in DEFINER_FUNCTIONS]
    faults += [
        f"{name}: on the list, but not there"
        for name in DEFINER_FUNCTIONS.keys() - {name for name, *_ in rows}
    ]
    for name, owner, config, public in rows:
        if owner != "guanche_system":
            faults.append(f"{name}: runs as {owner}")
        if PINNED_PATH not in config:
            faults.append(f"{name}: its search_path is not pinned")
        if public:
            faults.append(f"{name}: everybody may execute it")
    return faults


def keys_across_tenants(conn: Connection[Any]) -> list[str]:
    """Foreign keys that could point from one tenant into another."""
    rows = conn.execute(
        """
        SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,
               ARRAY(SELECT a.attname::text || '=' || b.attname
                     FROM unnest(k.conkey, k.confkey) AS pair (own, other)
                     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
                     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.other)
        FROM pg_constraint k
        WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND k.conparentid = 0
        ORDER BY 1
        """
    ).fetchall()
    tied = {"tenant_id=tenant_id", "organisation_id=organisation_id"}
    return [
        f"{table}.{name}: points into {other} by {', '.join(pairs)} alone"
        for name, table, other, pairs in rows
        if name not in LOOSE_KEYS and not tied & set(pairs)
    ]


def changers_of_the_audit_trail(conn: Connection[Any]) -> list[str]:
    """Roles that may change the audit trail; superusers and PostgreSQL's own groups aside."""
    rows = conn.execute(
        """
        SELECT r.rolname, t.name, p.privilege
        FROM pg_roles r, (VALUES ('audit_entries'), ('audit_heads')) AS t (name),
             unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
        WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\\_%'
          AND (has_table_privilege(r.oid, t.name, p.privilege)
               OR (p.privilege = 'UPDATE'
                   AND has_any_column_privilege(r.oid, t.name, 'UPDATE')))
        """
    )
    by_the_trigger = ("guanche_system", "audit_heads", "UPDATE")
    return [
        f"{role} has {privilege} on {table}"
        for role, table, privilege in rows
        if (role, table, privilege) != by_the_trigger
    ]
