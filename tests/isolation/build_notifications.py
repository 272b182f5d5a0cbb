"""Makes channels, subscriptions and messages of one organisation, every text with its mark."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import Connection

from alerts.inbox.service import apply
from alerts.model import Finding, Links, Subject
from alerts.notify.service import Wanted, create_channel, create_subscription, test_channel
from schemas.access import Actor
from tests.isolation.crawl_world import KEY, NOW, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`: `channel`, to which `subscription` and one to retire send, and
    `channel_to_retire`; `message`, which is tried once already and tells of `alert_told`, and
    `dead_message`, which was given up.
    """
    own = replace(
        by, name=f"teller.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    for kind in ("channel", "channel_to_retire"):
        made, _ = create_channel(
            conn,
            own,
            sealing=KEY,
            organisation=known["code"],
            own=False,
            name=f"渠{one.mark}",
            kind="webhook",
            target={"url": f"https://hooks.{one.mark}.example.com/in"},
            now=NOW,
        )
        known[kind] = str(made.key)
    for kind in ("subscription", "subscription_to_retire"):
        subscribed = create_subscription(
            conn,
            own,
            channel=UUID(known["channel"]),
            organisation=known["code"],
            wanted=Wanted(),
            now=NOW,
        )
        known[kind] = str(subscribed.key)
    known["alert_told"] = _alerted(conn, one, known["vin"])
    for kind in ("message", "dead_message"):
        told = test_channel(conn, own, key=UUID(known["channel"]), now=NOW)
        known[kind] = str(told.message.key)
        _tried(conn, told.message.id, one.mark)
        if kind == "message":
            _tells_of(conn, told.message.id, known["alert_told"])
    conn.execute("UPDATE notification_messages SET state = 'dead' WHERE id = %s", [told.message.id])
    one.marks += [known[kind] for kind in ("channel", "subscription", "message", "dead_message")]


def _alerted(conn: Connection[Any], one: Organisation, vin: str) -> str:
    """The number of an alert about a vehicle."""
    row = conn.execute("SELECT id, tenant_id FROM vehicles WHERE vin = %s", [vin]).fetchone()
    assert row is not None
    finding = Finding(
        tenant_id=row[1],
        organisation_id=one.id,
        rule_code=f"speed_{one.mark}",
        kind="over_speed",
        rule_version=None,
        severity="warning",
        subject=Subject("vehicle", row[0], vin),
        occurrence="1",
        raised_at=NOW,
        facts={"note": f"速{one.mark}"},
        links=Links(vehicle_id=row[0]),
    )
    [told] = apply(conn, [finding], [], now=NOW).told
    one.marks.append(told.alert_no)
    return told.alert_no


def _tells_of(conn: Connection[Any], message_id: int, alert_no: str) -> None:
    conn.execute(
        """
        INSERT INTO notification_items (tenant_id, organisation_id, channel_id, alert_id, purpose,
            dedup_key, created_at, not_before, state, message_id)
        SELECT m.tenant_id, m.organisation_id, m.channel_id, a.id, 'raised', 'told:' || a.alert_no,
            %(now)s, %(now)s, 'gathered', m.id
        FROM notification_messages m, alerts a
        WHERE m.id = %(id)s AND a.alert_no = %(alert_no)s
        """,
        {"id": message_id, "alert_no": alert_no, "now": NOW},
    )


def _tried(conn: Connection[Any], message_id: int, mark: str) -> None:
    """As the sender writes it, which is no part of the API."""
    conn.execute(
        """
        INSERT INTO notification_attempts (message_id, no, tenant_id, organisation_id, started_at,
            ended_at, result, detail)
        SELECT id, 1, tenant_id, organisation_id, %(now)s, %(now)s, 'refused', %(detail)s
        FROM notification_messages WHERE id = %(id)s
        """,
        {"id": message_id, "now": NOW, "detail": f"拒{mark}"},
    )
    conn.execute(
        "UPDATE notification_messages SET attempts = 1, last_error = %s WHERE id = %s",
        [f"拒{mark}", message_id],
    )
