"""A small land for rules: a head office, two operators, a depot; vehicles; who asks for whom."""

from datetime import UTC, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry.service import add_vehicle
from kit import db
from schemas.access import SYSTEM, Actor, Role, permissions_of

Conn = Connection[Any]
NOW: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)
VIN_A: Final = "LSGPC52U6AF102554"
VIN_B: Final = "LDC613P23A1305189"
VIN_ELSEWHERE: Final = "LNBYGYFJ1SS000001"


def settle(conn: Conn) -> None:
    """head ─ east ─ yard; head ─ west; other, another tenant. Vehicles: A of east, B of west."""
    for code, parent in (
        ("head", None),
        ("east", "head"),
        ("yard", "east"),
        ("west", "head"),
        ("other", None),
    ):
        create_organisation(conn, SYSTEM, code=code, name=code, parent_code=parent, now=NOW)
    for vin, owner, operator in (
        (VIN_A, "head", "east"),
        (VIN_B, "head", "west"),
        (VIN_ELSEWHERE, "other", None),
    ):
        add_vehicle(
            conn,
            SYSTEM,
            vin=vin,
            plate=None,
            model="瑞驰 EC35",
            owner_code=owner,
            operator_code=operator,
            now=NOW,
        )


def id_of(conn: Conn, code: str) -> int:
    """The organisation's id inside."""
    return get_organisation(conn, SYSTEM, code=code).id


def vehicle_id_of(conn: Conn, vin: str) -> int:
    """The vehicle's id inside."""
    found = conn.execute("SELECT id FROM vehicles WHERE vin = %s", [vin]).fetchone()
    assert found is not None
    return int(found[0])


def person(conn: Conn, code: str, role: Role = "manager") -> Actor:
    """Somebody of the organisation."""
    may = permissions_of({role})
    return Actor("person", f"{code}.{role}", id_of(conn, code), code, may, stepped_up=True)


def acting(conn: Conn, app_conn: Conn, code: str, role: Role = "manager") -> Actor:
    """The same, known as a person, with the transaction of the application seeing what they see."""
    conn.commit()
    actor = person(conn, code, role)
    conn.execute(
        "INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)"
        " SELECT tenant_id, id, %s, '人', %s, %s FROM organisations WHERE id = %s"
        " ON CONFLICT DO NOTHING",
        [actor.name, [role], NOW, actor.organisation_id],
    )
    conn.commit()
    assert actor.organisation_id is not None
    db.act_for(app_conn, [actor.organisation_id])
    return actor


def trail(conn: Conn) -> list[tuple[str, str]]:
    """What the audit trail says was done to rules, groups and places, chain by chain."""
    rows = conn.execute(
        "SELECT action, object_key FROM audit_entries"
        " WHERE object_kind IN ('alert_rule', 'vehicle_group', 'geofence')"
        " ORDER BY organisation_id, no"
    ).fetchall()
    return [(action, key) for action, key in rows]
