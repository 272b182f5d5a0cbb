"""The audit trail on a real database: written once, read in sight, and whole or told to be not."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.audit.chain import digest_of
from fleet.audit.model import ChainHead
from fleet.audit.service import list_entries, list_heads, record, record_once, verify
from fleet.audit.store import iter_chain
from fleet.orgs.service import create_organisation
from kit.db import connect
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fleet.identity.people import NOW, People, acting, later

ODD: dict[str, Any] = {
    "name": "管车 'quoted' \"twice\"",
    "n": [1, 2.50, None, True],
    "e": "é\u200d🚚",
}
OBJECT: dict[str, Any] = {"object_kind": "vehicle", "object_key": "LSGPC52U6AF102554"}


def do(conn: Connection[Any], actor: Actor, action: str = "vehicle.change", **given: Any) -> None:
    """One thing done, committed."""
    with acting(conn, actor):
        record(conn, actor, action, **({"now": NOW} | OBJECT | given))


def told(conn: Connection[Any], exported: list[ChainHead] | None = None) -> list[tuple[int, str]]:
    """The faults of the connection's chains, by number."""
    faults = [(fault.no, fault.fault) for fault in verify(conn, exported or [])]
    conn.rollback()
    return faults


@pytest.fixture
def chain(conn: Connection[Any], people: People) -> int:
    """The organisation whose chain has seven entries and is tampered with."""
    for number in range(6):
        do(conn, people["westerner"], before={"no": number}, after=ODD)
    return people.organisations["west"]


def tamper(conn: Connection[Any], statements: list[str], chain: int) -> None:
    """As a superuser does who switches the triggers off."""
    conn.execute("SET session_replication_role = replica")
    for statement in statements:
        conn.execute(statement.encode(), {"chain": chain})
    conn.execute("SET session_replication_role = origin")
    conn.commit()


def test_what_is_written_is_whole(conn: Connection[Any], people: People, chain: int) -> None:
    for login in ("owner", "stranger", "ops"):
        do(conn, people[login])
    assert told(conn) == []
    heads = {head.organisation_id: head for head in list_heads(conn)}
    assert told(conn, list(heads.values())) == []
    entries = list(iter_chain(conn))
    assert {e.organisation_id: e.no for e in entries} == {o: h.no for o, h in heads.items()}
    mine = [e.no for e in entries if e.organisation_id == chain]
    assert mine == list(range(1, len(mine) + 1))
    assert heads[chain].no == len(mine) == 6 + 1  # its manager was created


def test_two_calculations_agree(conn: Connection[Any], people: People, chain: int) -> None:
    entry = [e for e in iter_chain(conn) if e.organisation_id == chain][-1]
    assert entry.fields[:8] == [
        str(chain), str(entry.no), "2026-03-01T08:00:00.000000Z", "person", "westerner",
        "vehicle.change", "vehicle", OBJECT["object_key"],
    ]  # fmt: skip
    assert entry.fields[10:] == ["10.0.0.1", "r1"]
    assert digest_of(entry.previous_digest, entry.fields) == entry.digest


OF_THREE = "WHERE organisation_id = %(chain)s AND no = 5"
MOVED = [
    "DELETE FROM audit_entries WHERE organisation_id = %(chain)s AND no > 5",
    (
        "UPDATE audit_heads h SET no = 5, digest = e.digest FROM audit_entries e"
        " WHERE e.organisation_id = %(chain)s AND e.no = 5 AND h.organisation_id = %(chain)s"
    ),
]
"""The end cut off in both tables."""
FORGED = (
    "INSERT INTO audit_entries SELECT (jsonb_populate_record(e, jsonb_build_object("
    "'no', {no}, 'actor_name', 'forger'))).* FROM audit_entries e " + OF_THREE
)
REWRITTEN = [
    f"UPDATE audit_entries SET actor_name = 'somebody else' {OF_THREE}",
    *[
        "UPDATE audit_entries e SET previous_digest = p.digest,"
        " digest = audit_digest(p.digest, audit_fields(e)) FROM audit_entries p"
        f" WHERE e.organisation_id = %(chain)s AND e.no = {no}"
        " AND p.organisation_id = %(chain)s AND p.no = e.no - 1"
        for no in (5, 6, 7)
    ],
    (
        "UPDATE audit_heads h SET digest = e.digest FROM audit_entries e"
        " WHERE e.organisation_id = %(chain)s AND e.no = h.no AND h.organisation_id = %(chain)s"
    ),
]
"""Altered, and every digest after it made to fit."""


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        *[
            pytest.param(
                [f"UPDATE audit_entries SET {column} {OF_THREE}"], [(5, "altered")], id=column
            )
            for column in (
                "at = at + interval '1 microsecond'",
                "actor_kind = 'system'",
                "actor_name = 'somebody else'",
                "action = 'vehicle.create'",
                "object_kind = 'device'",
                "object_key = object_key || ' '",
                "before = NULL",
                "before = '{}'",
                "after = after || '{\"n\": 3}'",
                "ip = NULL",
                "ip = ''",
                "request_id = 'r2'",
            )
        ],
        pytest.param(
            [f"UPDATE audit_entries SET digest = sha256('x') {OF_THREE}"],
            [(5, "altered"), (6, "does not follow the one before")],
            id="another digest",
        ),
        pytest.param(
            [f"UPDATE audit_entries SET previous_digest = sha256('x') {OF_THREE}"],
            [(5, "does not follow the one before"), (5, "altered")],
            id="another digest before it",
        ),
        pytest.param(
            REWRITTEN[:2], [(6, "does not follow the one before")], id="altered, its digest too"
        ),
        pytest.param(
            [f"DELETE FROM audit_entries {OF_THREE}"], [(5, "missing before entry 6")], id="deleted"
        ),
        pytest.param(
            [
                f"DELETE FROM audit_entries {OF_THREE}",
                "UPDATE audit_entries SET no = no - 1 WHERE organisation_id = %(chain)s AND no > 5",
            ],
            [
                (5, "does not follow the one before"),
                (5, "altered"),
                (6, "altered"),
                (6, "is the last here, but not the recorded end"),
            ],
            id="deleted and renumbered",
        ),
        pytest.param(
            ["DELETE FROM audit_entries WHERE organisation_id = %(chain)s AND no = 1"],
            [(1, "missing before entry 2")],
            id="the first deleted",
        ),
        pytest.param(
            MOVED[:1], [(5, "is the last here, but not the recorded end")], id="the end cut off"
        ),
        pytest.param(
            ["DELETE FROM audit_entries WHERE organisation_id = %(chain)s"],
            [(0, "is the last here, but not the recorded end")],
            id="all deleted",
        ),
        pytest.param(
            ["DELETE FROM audit_heads WHERE organisation_id = %(chain)s"],
            [(7, "is the last here, but not the recorded end")],
            id="the recorded end deleted",
        ),
        pytest.param(
            [FORGED.format(no=8)],
            [
                (8, "does not follow the one before"),
                (8, "altered"),
                (8, "is the last here, but not the recorded end"),
            ],
            id="inserted at the end",
        ),
        pytest.param(
            [
                (
                    "UPDATE audit_entries SET no = no + 100"
                    " WHERE organisation_id = %(chain)s AND no > 5"
                ),
                (
                    "UPDATE audit_entries SET no = no - 99"
                    " WHERE organisation_id = %(chain)s AND no > 100"
                ),
                FORGED.format(no=6),
            ],
            [
                (6, "does not follow the one before"),
                (6, "altered"),
                (7, "altered"),
                (8, "altered"),
                (8, "is the last here, but not the recorded end"),
            ],
            id="inserted in the middle",
        ),
    ],
)
def test_tampering_as_a_superuser_is_told(
    conn: Connection[Any], chain: int, statements: list[str], faults: list[tuple[int, str]]
) -> None:
    assert told(conn) == []
    tamper(conn, statements, chain)
    assert told(conn) == faults


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        pytest.param(MOVED, [(7, "was exported and is gone")], id="the end cut off both tables"),
        pytest.param(REWRITTEN, [(7, "not the one that was exported")], id="the rest rewritten"),
        pytest.param(
            [
                "DELETE FROM audit_entries WHERE organisation_id = %(chain)s",
                "DELETE FROM audit_heads WHERE organisation_id = %(chain)s",
            ],
            [(7, "was exported and is gone")],
            id="the chain gone from both tables",
        ),
    ],
)
def test_what_a_superuser_makes_fit_is_told_by_an_export(
    conn: Connection[Any], chain: int, statements: list[str], faults: list[tuple[int, str]]
) -> None:
    exported = list_heads(conn)
    tamper(conn, statements, chain)
    assert told(conn) == []
    assert told(conn, exported) == faults


def test_truncating_both_tables_is_told_by_an_export(conn: Connection[Any], chain: int) -> None:
    exported = list_heads(conn)
    conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    conn.execute("TRUNCATE audit_entries, audit_heads")
    conn.commit()
    assert told(conn) == []
    faults = told(conn, exported)
    assert len(faults) == len(exported) == 5
    assert {fault for _, fault in faults} == {"was exported and is gone"}


def test_what_is_added_after_an_export_is_no_fault(
    conn: Connection[Any], people: People, chain: int
) -> None:
    exported = list_heads(conn)
    do(conn, people["westerner"])
    assert told(conn, exported) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x'",
        "UPDATE audit_entries SET actor_name = 'x' WHERE false",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        (
            "INSERT INTO audit_entries SELECT * FROM audit_entries LIMIT 1"
            " ON CONFLICT (organisation_id, no) DO UPDATE SET actor_name = 'x'"
        ),
    ],
)
def test_not_even_a_superuser_changes_it_by_mistake(
    conn: Connection[Any], chain: int, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
        conn.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE audit_heads SET no = 0",
        "DELETE FROM audit_heads",
        "INSERT INTO audit_heads (organisation_id, no, digest) VALUES (1, 0, '')",
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE guanche_system",
    ],
)
def test_the_application_may_add_only(
    app_conn: Connection[Any], people: People, chain: int, statement: str
) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        acting(app_conn, people["owner"]),
    ):
        app_conn.execute(statement.encode())


def test_nobodys_grants_allow_a_change(conn: Connection[Any]) -> None:
    """Every role there is but superusers; PostgreSQL's own write-all role has no members."""
    allowed = conn.execute(
        "SELECT r.rolname, t.name, p.privilege"
        " FROM pg_roles r, (VALUES ('audit_entries'), ('audit_heads')) t (name),"
        "      (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) p (privilege)"
        " WHERE NOT r.rolsuper AND r.rolname <> 'pg_write_all_data'"
        "   AND has_table_privilege(r.oid, t.name, p.privilege) ORDER BY 1, 2, 3"
    ).fetchall()
    assert allowed == [("guanche_system", "audit_heads", "UPDATE")]
    columns = conn.execute(
        "SELECT r.rolname, a.attname FROM pg_roles r, pg_attribute a"
        " WHERE NOT r.rolsuper AND r.rolname <> 'pg_write_all_data' AND a.attnum > 0"
        "   AND a.attrelid = 'audit_entries'::regclass"
        "   AND has_column_privilege(r.oid, a.attrelid, a.attnum, 'UPDATE')"
    ).fetchall()
    assert columns == []
    members = conn.execute(
        "SELECT m.member::regrole::text FROM pg_auth_members m"
        " WHERE m.roleid = 'pg_write_all_data'::regrole"
        "    OR m.roleid = 'guanche_system'::regrole AND NOT"
        "       (SELECT rolsuper FROM pg_roles WHERE oid = m.member)"
    ).fetchall()
    assert members == []
    grants = conn.execute(
        "SELECT DISTINCT grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = 'audit_entries' AND grantee LIKE 'guanche%' ORDER BY 1, 2"
    ).fetchall()
    assert grants == [
        ("guanche_app", "INSERT"), ("guanche_app", "SELECT"), ("guanche_system", "SELECT")
    ]  # fmt: skip


def test_numbers_and_digests_are_not_the_writers_to_choose(
    app_conn: Connection[Any], conn: Connection[Any], people: People, chain: int
) -> None:
    with acting(app_conn, people["westerner"]):
        app_conn.execute(
            "INSERT INTO audit_entries (organisation_id, no, at, actor_kind, actor_name, action,"
            " object_kind, object_key, previous_digest, digest)"
            " VALUES (%s, 1, %s, 'person', 'westerner', 'a.b', 'x', 'y', '', sha256('x'))",
            [chain, NOW],
        )
    assert told(conn) == []
    assert {head.organisation_id: head.no for head in list_heads(conn)}[chain] == 8


@pytest.mark.parametrize("code", ["head", "east", "rival"])
def test_nobody_writes_into_anothers_chain(
    app_conn: Connection[Any], people: People, code: str
) -> None:
    actor = people["westerner"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting(app_conn, actor):
        record(
            app_conn,
            Actor("person", "x", people.organisations[code], code, frozenset()),
            "vehicle.change",
            now=NOW,
            **OBJECT,
        )


def test_what_rolls_back_leaves_no_gap(
    app_conn: Connection[Any], conn: Connection[Any], people: People, chain: int
) -> None:
    with pytest.raises(ZeroDivisionError), acting(app_conn, people["westerner"]) as actor:
        record(app_conn, actor, "vehicle.change", now=NOW, **OBJECT)
        raise ZeroDivisionError
    do(app_conn, people["westerner"])
    assert told(conn) == []
    assert {head.organisation_id: head.no for head in list_heads(conn)}[chain] == 8


def test_many_at_once_make_one_chain(
    app_url: str, conn: Connection[Any], people: People, chain: int
) -> None:
    def work() -> None:
        with connect(app_url) as own:
            for _ in range(20):
                do(own, people["westerner"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(conn) == []
    assert {head.organisation_id: head.no for head in list_heads(conn)}[chain] == 7 + 80


def test_the_system_names_a_chain(conn: Connection[Any], people: People) -> None:
    with pytest.raises(ValueError, match=r"vehicle\.change: the system's own entries name"):
        record(conn, SYSTEM, "vehicle.change", now=NOW, **OBJECT)
    record(
        conn, SYSTEM, "vehicle.change", now=NOW, organisation_id=people.organisations["west"],
        **OBJECT,
    )  # fmt: skip
    entry = list_entries(conn, SYSTEM, {"action": "vehicle.change"})[0]
    assert (entry.organisation_code, entry.actor_kind, entry.actor_name) == (
        "west", "system", "guanche"
    )  # fmt: skip


def test_an_organisation_with_entries_stays(conn: Connection[Any], people: People) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        conn.execute("DELETE FROM organisations WHERE code = 'depot'")


def test_entries_are_read_newest_first_in_sight(app_conn: Connection[Any], people: People) -> None:
    for minute, login in enumerate(["ops", "westerner", "manager", "stranger"]):
        do(app_conn, people[login], "vehicle.move", now=later(minutes=minute), after=ODD)
    with acting(app_conn, people["auditor"]) as actor:
        found = list_entries(app_conn, actor, {"action": "vehicle.move"})
        assert [entry.actor_name for entry in found] == ["manager", "westerner", "ops"]
        assert (found[0].at, found[0].organisation_code) == (later(minutes=2), "east")
        assert (found[0].before, found[0].after) == (None, ODD)
        assert (found[0].ip, found[0].request_id) == ("10.0.0.1", "r1")
    with pytest.raises(PermissionMissing), acting(app_conn, people["manager"]) as actor:
        list_entries(app_conn, actor, {})


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"actor": "ops"}, [0, 2]),
        ({"action": "vehicle.change"}, [0, 1]),
        ({"object_kind": "device"}, [2]),
        ({"object_key": "T1"}, [2]),
        ({"organisation": "west"}, [1]),
        ({"from_at": later(minutes=1)}, [1, 2]),
        ({"until_at": later(minutes=1)}, [0]),
        ({"actor": "ops", "action": "vehicle.change"}, [0]),
        ({"actor": "nobody"}, []),
    ],
    ids=str,
)
def test_entries_are_filtered(
    app_conn: Connection[Any], people: People, filters: dict[str, Any], found: list[int]
) -> None:
    do(app_conn, people["ops"], "vehicle.change", now=NOW, before={"n": 0})
    do(app_conn, people["westerner"], "vehicle.change", now=later(minutes=1), before={"n": 1})
    do(
        app_conn, people["ops"], "device.bind", now=later(minutes=2), before={"n": 2},
        object_kind="device", object_key="T1",
    )  # fmt: skip
    with acting(app_conn, people["auditor"]) as actor:
        entries = list_entries(app_conn, actor, filters)
    numbers = [e.before["n"] for e in entries if e.before is not None and "n" in e.before]
    assert sorted(numbers) == found


def test_pages_meet(app_conn: Connection[Any], people: People) -> None:
    """Entries of one instant in several chains: a page begins where the one before ended."""
    for login in ("ops", "westerner", "manager") * 3:
        do(app_conn, people[login])
    with acting(app_conn, people["auditor"]) as actor:
        every = list_entries(app_conn, actor, {"action": "vehicle.change"})
        paged = []
        after = None
        while page := list_entries(
            app_conn, actor, {"action": "vehicle.change"}, after=after, limit=2
        ):
            paged += page
            after = (page[-1].at, page[-1].organisation_code, page[-1].no)
    assert len(every) == 9
    assert paged == every


def test_what_is_looked_at_again_and_again_is_written_once_in_a_while(
    app_conn: Connection[Any], people: People
) -> None:
    for minute in (0, 5, 14, 15, 16, 40):
        with acting(app_conn, people["ops"]) as actor:
            record_once(
                app_conn, actor, "location.read", object_kind="map", object_key="all",
                now=later(minutes=minute), within=timedelta(minutes=15),
            )  # fmt: skip
    with acting(app_conn, people["auditor"]) as actor:
        found = list_entries(app_conn, actor, {"action": "location.read"})
    assert [(entry.at - NOW).total_seconds() / 60 for entry in found] == [40, 16, 0]


def test_the_systems_looking_is_not_written(conn: Connection[Any], people: People) -> None:
    create_organisation(conn, SYSTEM, code="new", name="New", parent_code="head", now=NOW)
    record_once(
        conn, SYSTEM, "location.read", object_kind="map", object_key="all", now=NOW,
        within=timedelta(minutes=15),
    )  # fmt: skip
    assert list_entries(conn, SYSTEM, {"action": "location.read"}) == []
