"""A head office with east and west below it, alerts of theirs, and who is to be told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from alerts.inbox.model import Purpose, Told
from alerts.model import Severity
from alerts.notify import service as notify
from alerts.notify.jobs import Sender, Sent, send_due
from alerts.notify.model import Channel, ChannelKind, Subscription
from fleet.identity.service import create_user
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle
from kit import db
from kit.sealed import SealingKey, new_key_text
from kit.settings import Settings
from schemas.access import SYSTEM, Actor, Role, permissions_of
from tests.fixtures.receivers import HttpReceiver, MailServer, http_receiver, mail_server

Conn = Connection[Any]
NOON: Final = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""A Monday, noon in Shanghai."""
BEFORE: Final = NOON - timedelta(days=30)
KEY: Final = new_key_text()
SEALING: Final = SealingKey.from_text(KEY)
VINS: Final = ("LSGPC52U6AF102554", "LDC613P23A1305189")


def after(**by: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(**by)


def settings(**given: Any) -> Settings:
    """An installation that may send to loopback."""
    known: dict[str, Any] = {
        "secret_key": SecretStr(KEY),
        "notify_private_targets": True,
        "notify_timeout_s": 2,
        "api_public_url": "https://guanche.example.com",
    }
    return Settings(_env_file=None, **known | given)


@dataclass
class Office:
    """The world of a test."""

    conn: Conn
    clock: datetime = NOON
    settings: Settings = field(default_factory=settings)
    made: int = 0

    def __post_init__(self) -> None:
        create_organisation(self.conn, SYSTEM, code="head", name="总部", now=BEFORE)
        for code, name in (("east", "华东"), ("west", "西部")):
            create_organisation(
                self.conn, SYSTEM, code=code, name=name, parent_code="head", now=BEFORE
            )
        for vin, plate, owner in zip(VINS, ("粤BD12345", None), ("east", "west"), strict=True):
            add_vehicle(self.conn, SYSTEM, vin=vin, plate=plate, owner_code=owner, now=BEFORE)
        self.organisations = dict(
            self.conn.execute("SELECT code, id FROM organisations").fetchall()
        )

    def person(self, login: str, *roles: Role, organisation: str = "east") -> Actor:
        """Somebody of an organisation, who has just given their password."""
        create_user(
            self.conn,
            SYSTEM,
            login=login,
            name=login,
            organisation_code=organisation,
            roles=roles,
            key=None,
            now=BEFORE,
        )
        may = permissions_of(set(roles))
        return Actor("person", login, self.organisations[organisation], organisation, may, True)

    def channel(
        self,
        kind: ChannelKind = "webhook",
        *,
        actor: Actor = SYSTEM,
        organisation: str = "east",
        hourly_limit: int = 60,
        **target: Any,
    ) -> Channel:
        """A channel; the actor's own, if somebody is named."""
        shipped = {"webhook": {"url": "https://example.com/hook"}}
        made, _secret = notify.create_channel(
            self.conn,
            actor,
            sealing=SEALING,
            organisation=organisation,
            own=actor is not SYSTEM,
            name=f"{kind} of {organisation}",
            kind=kind,
            target=target or shipped[kind],
            hourly_limit=hourly_limit,
            private_allowed=True,
            now=BEFORE,
        )
        return made

    def subscribe(
        self,
        channel: Channel,
        *,
        actor: Actor = SYSTEM,
        organisation: str = "east",
        **wanted: Any,
    ) -> Subscription:
        """Alerts of an organisation go to a channel."""
        return notify.create_subscription(
            self.conn,
            actor,
            channel=channel.key,
            organisation=organisation,
            wanted=notify.Wanted(**{"least_severity": "info"} | wanted),
            now=BEFORE,
        )

    def alert(
        self,
        kind: str = "offline",
        *,
        organisation: str = "east",
        severity: Severity = "warning",
        purpose: Purpose = "raised",
        to_logins: tuple[str, ...] = (),
        **columns: Any,
    ) -> Told:
        """An alert as the inbox writes it, and what it tells of it."""
        self.made += 1
        number = f"A2611-{self.made:08d}"
        tenant_id, organisation_id = self.organisations["head"], self.organisations[organisation]
        row: dict[str, Any] = {
            "tenant_id": tenant_id,
            "organisation_id": organisation_id,
            "alert_no": number,
            "rule_code": kind,
            "kind": kind,
            "subject_kind": "vehicle",
            "subject_id": self.made,
            "subject_key": f"VIN{self.made}",
            "occurrence": "1",
            "severity": severity,
            "facts": {},
            "raised_at": self.clock,
            "last_raised_at": self.clock,
            "recorded_at": self.clock,
        } | columns
        row["facts"] = Jsonb(row["facts"])
        names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        (alert_id,) = self.conn.execute(
            f"INSERT INTO alerts ({names}) VALUES ({places}) RETURNING id".encode(), row
        ).fetchone() or (0,)
        return Told(
            tenant_id=tenant_id,
            organisation_id=organisation_id,
            alert_id=alert_id,
            alert_no=number,
            kind=kind,
            rule_code=row["rule_code"],
            severity=severity,
            purpose=purpose,
            occasion="1",
            to_logins=to_logins,
        )

    def tell(self, *tolds: Told) -> int:
        """Into the outbox, now."""
        return notify.enqueue(self.conn, tolds, now=self.clock)

    def wait(self, **by: float) -> datetime:
        """Time goes by; it is so late."""
        self.clock += timedelta(**by)
        return self.clock

    def gather(self) -> int:
        """Messages that are made now."""
        return notify.gather_due(self.conn, self.settings, now=self.clock)

    def told_after(self, **by: float) -> list[str]:
        """Subjects of the messages that are made so much later."""
        (last,) = self.conn.execute(
            "SELECT coalesce(max(id), 0) FROM notification_messages"
        ).fetchone() or (0,)
        self.wait(**by)
        self.gather()
        rows = self.conn.execute(
            "SELECT subject FROM notification_messages WHERE id > %s ORDER BY id", [last]
        )
        return [subject for (subject,) in rows]

    def items(self) -> list[tuple[str, str, str | None]]:
        """Purpose, state and reason of all that was ever in the outbox."""
        return self.conn.execute(
            "SELECT purpose, state, drop_reason FROM notification_items ORDER BY id"
        ).fetchall()

    def change(self, told: Told, **columns: Any) -> None:
        """The alert goes on."""
        sets = ", ".join(f"{name} = %({name})s" for name in columns)
        self.conn.execute(
            f"UPDATE alerts SET {sets} WHERE id = %(id)s".encode(),
            columns | {"id": told.alert_id},
        )

    def resolve(self, told: Told) -> None:
        """The alert is over."""
        self.change(told, state="resolved", resolved_at=self.clock, resolved_by="system")

    def sender(self, **given: Any) -> Sender:
        """Who sends, with waits of the same length each time."""
        return Sender(self.settings, rng=Random(1), **given)

    def send(self, sender: Sender | None = None) -> Sent:
        """What is sent now."""
        self.conn.commit()
        return send_due(self.conn, sender or self.sender(), now=lambda: self.clock)

    def state(self, key: UUID | None = None) -> tuple[Any, ...]:
        """State, attempts and last error of the last message."""
        return (
            self.conn.execute(
                "SELECT state, attempts, last_error FROM notification_messages"
                " WHERE %(key)s::uuid IS NULL OR key = %(key)s ORDER BY id DESC LIMIT 1",
                {"key": key},
            ).fetchone()
            or ()
        )


@pytest.fixture
def office(conn: Conn) -> Office:
    """The world, nobody told yet."""
    return Office(conn)


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    """A webhook's end."""
    with http_receiver() as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as running:
        yield running


def acting(conn: Conn, actor: Actor) -> None:
    """The transaction sees what the actor's organisation sees."""
    assert actor.organisation_id is not None
    db.act_for(conn, [actor.organisation_id])


QUIET: Final = {"quiet_from": time(22), "quiet_until": time(7)}
