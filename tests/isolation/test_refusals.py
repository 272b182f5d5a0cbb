"""Whose a refusal is: who had the vehicle then, and nobody where the terminal was unknown."""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from fleet.devices.service import register_device
from kit.db import act_for
from schemas.access import SYSTEM
from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import Organisation, World

Conn = Connection[Any]


def refuse(owner: Conn, one: Organisation, serial: str, reason: str) -> str:
    """A refusal of a terminal with the organisation's mark in its bytes; what it says."""
    detail = f"拒{one.mark} {serial} {reason}"
    owner.execute(
        """
        INSERT INTO ingest_rejects (digest, reason, detail, topic, device_serial, raw, received_at,
            last_received_at)
        VALUES (sha256(%(raw)s), %(reason)s, %(detail)s, 'v1', %(serial)s, %(raw)s, now(), now())
        """,
        {"raw": detail.encode(), "reason": reason, "detail": detail, "serial": serial},
    )
    return detail


def details(conn: Conn) -> list[str]:
    """What the refusals in sight say."""
    return [text for (text,) in conn.execute("SELECT detail FROM visible_refusals")]


def test_whoever_registers_a_serial_sees_nothing_of_what_it_sent_as_a_stranger(
    owner: Conn, app_role: Conn, world: World
) -> None:
    """A terminal of b sends before b has registered it; a is faster."""
    thief, victim = world.organisations["a-south"], world.organisations["b-south"]
    serial = "T-stranger-1"
    refuse(owner, victim, serial, "unknown_device")
    register_device(
        owner, SYSTEM, serial=serial, owner_code=thief.ids["code"], now=datetime.now(UTC)
    )
    owner.commit()
    act_for(app_role, [thief.id])
    seen = [str(row) for row in app_role.execute("SELECT * FROM visible_refusals")]
    assert leaks(seen, world.barred(thief)) == []


def test_a_refusal_follows_whoever_had_the_vehicle_then(
    owner: Conn, app_role: Conn, world: World
) -> None:
    north, south, root = (world.organisations[f"b-{part}"] for part in ("north", "south", "root"))
    told = refuse(owner, south, f"T-{south.mark}-50", "bad_json")
    owner.execute(
        "UPDATE ingest_rejects SET received_at = now() - interval '1 h' WHERE detail = %s", [told]
    )
    owner.commit()
    seen = {}
    for one in (north, south, root):
        act_for(app_role, [one.id])
        seen[one.part] = told in details(app_role)
        app_role.rollback()
    assert seen == {"north": False, "south": True, "root": True}
