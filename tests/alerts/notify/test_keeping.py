"""Who keeps channels and subscriptions, who sees messages, and what the audit trail says."""

from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from alerts.notify import service as notify
from alerts.notify.errors import (
    ChannelBusy,
    ChannelNotFound,
    ChannelOfSomebodyElse,
    MessageNotDead,
    MessageNotFound,
    OwnChannelElsewhere,
    OwnChannelNeedsPerson,
    SubscriptionHoursMalformed,
    SubscriptionKindUnknown,
    SubscriptionNotFound,
)
from alerts.notify.model import Channel
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired, permissions_of
from tests.alerts.notify.conftest import NOON, SEALING, Office, acting
from tests.fixtures.receivers import HttpReceiver

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
Conn = Connection[Any]
HOOK = {"url": "https://example.com/hook"}


def create(conn: Conn, actor: Actor, **given: Any) -> tuple[Channel, str | None]:
    wanted: dict[str, Any] = {"organisation": None, "own": True, "name": "mine"}
    wanted |= {"kind": "webhook", "target": HOOK}
    return notify.create_channel(conn, actor, sealing=SEALING, now=NOON, **wanted | given)


def change(conn: Conn, actor: Actor, was: Channel, **given: Any) -> tuple[Channel, str | None]:
    wanted: dict[str, Any] = {"version": was.version, "name": was.name, "enabled": True}
    wanted |= {"hourly_limit": was.hourly_limit}
    return notify.change_channel(
        conn, actor, sealing=SEALING, key=was.key, now=NOON, **wanted | given
    )


class TestChannels:
    """The organisation's, and everybody's own."""

    def test_ones_own_and_its_secret_once(self, office: Office, app_conn: Conn) -> None:
        li = office.person("li", "ops")
        office.conn.commit()
        acting(app_conn, li)
        made, secret = create(app_conn, li)
        assert (made.owner, made.organisation_code) == ("li", "east")
        assert made.target_hint == "https://example.com/***"
        assert secret is not None
        assert secret.startswith("whsec_")
        row = app_conn.execute("SELECT target_sealed FROM notification_channels").fetchone()
        assert row is not None
        assert secret.encode() not in bytes(row[0])
        changed, again = change(app_conn, li, made, name="still mine", hourly_limit=5)
        assert (changed.name, changed.hourly_limit, again) == ("still mine", 5, None)
        _, another = change(app_conn, li, changed, target={"url": "https://example.org/x"})
        assert another not in (None, secret)

    def test_the_organisations_takes_the_password_again(self, office: Office) -> None:
        manager = office.person("wang", "manager")
        assert create(office.conn, manager, own=False)[0].owner is None
        tired = Actor("person", "wang", manager.organisation_id, "east", manager.permissions)
        with pytest.raises(StepUpRequired):
            create(office.conn, tired, own=False)
        with pytest.raises(PermissionMissing):
            create(office.conn, office.person("li", "ops"), own=False)

    def test_nobody_but_a_person_has_an_own_one(self, office: Office) -> None:
        may = permissions_of({"ops"})
        machine = Actor("machine", "key:1", office.organisations["east"], "east", may)
        for actor in (machine, SYSTEM):
            with pytest.raises(OwnChannelNeedsPerson):
                create(office.conn, actor, organisation="east")
        with pytest.raises(OwnChannelElsewhere):
            create(
                office.conn, office.person("li", "ops", organisation="head"), organisation="east"
            )

    def test_anothers_can_only_be_retired(self, office: Office) -> None:
        made, _ = create(office.conn, office.person("li", "ops"))
        manager, other = office.person("wang", "manager"), office.person("zhao", "ops")
        office.subscribe(made, actor=office_actor(office, "li"))
        for actor in (manager, other):
            with pytest.raises(ChannelOfSomebodyElse):
                change(office.conn, actor, made)
            with pytest.raises(ChannelOfSomebodyElse):
                office.subscribe(made, actor=actor)
            with pytest.raises(ChannelOfSomebodyElse):
                notify.test_channel(office.conn, actor, key=made.key, now=NOON)
        with pytest.raises(PermissionMissing):
            notify.retire_channel(office.conn, other, key=made.key, version=1, now=NOON)
        notify.retire_channel(office.conn, manager, key=made.key, version=1, now=NOON)
        with pytest.raises(ChannelNotFound):
            notify.get_channel(office.conn, manager, key=made.key)
        assert notify.list_subscriptions(office.conn, manager, {}) == []

    def test_nobody_elses_version(self, office: Office) -> None:
        li = office.person("li", "ops")
        made, _ = create(office.conn, li)
        change(office.conn, li, made)
        with pytest.raises(VersionChanged):
            change(office.conn, li, made)
        with pytest.raises(VersionChanged):
            notify.retire_channel(office.conn, li, key=made.key, version=1, now=NOON)

    def test_a_new_address_begins_without_a_fault(self, office: Office) -> None:
        made, _ = create(office.conn, office.person("li", "ops"))
        office.conn.execute("UPDATE notification_channels SET failing_since = now()")
        li = office_actor(office, "li")
        kept, _ = change(office.conn, li, made)
        assert kept.failing_since is not None
        mended, _ = change(office.conn, li, kept, target=HOOK)
        assert mended.failing_since is None

    def test_who_sees_which(self, office: Office, app_conn: Conn) -> None:
        for name, organisation in (("li", "east"), ("zhao", "west")):
            create(office.conn, office.person(name, "ops", organisation=organisation))
        office.channel(organisation="head")
        office.conn.commit()

        def seen(*roles: Any, organisation: str, **filters: Any) -> list[str | None]:
            may = permissions_of(set(roles))
            place = office.organisations[organisation]
            acting(app_conn, Actor("person", "li", place, organisation, may))
            actor = Actor("person", "li", place, organisation, may)
            return [each.owner for each in notify.list_channels(app_conn, actor, filters)]

        assert seen("ops", organisation="east") == ["li"]
        assert seen("manager", organisation="head") == [None, "zhao", "li"]
        with pytest.raises(PermissionMissing):
            seen("viewer", organisation="east")

    def test_the_audit_trail_holds_no_secret(self, office: Office) -> None:
        li = office.person("li", "ops")
        made, secret = create(office.conn, li)
        change(office.conn, li, made, target={"url": "https://example.org/T00/B00"})
        office.subscribe(made, actor=li)
        notify.test_channel(office.conn, li, key=made.key, now=NOON)
        notify.retire_channel(office.conn, li, key=made.key, version=2, now=NOON)
        entries = office.conn.execute(
            "SELECT action, before::text, after::text FROM audit_entries"
            " WHERE actor_name = 'li' ORDER BY no"
        ).fetchall()
        assert [action for action, *_ in entries] == [
            "notification.create_channel",
            "notification.change_channel",
            "notification.subscribe",
            "notification.test_channel",
            "notification.retire_channel",
        ]
        assert secret is not None
        assert secret not in str(entries)
        assert "/hook" not in str(entries)
        assert "T00" not in str(entries)


def office_actor(office: Office, login: str) -> Actor:
    return Actor("person", login, office.organisations["east"], "east", permissions_of({"ops"}))


class TestSubscriptions:
    """Which alerts go to a channel."""

    def test_changed_and_retired(self, office: Office) -> None:
        li = office.person("li", "ops")
        made, _ = create(office.conn, li)
        first = office.subscribe(made, actor=li, kinds=("towed", "offline", "towed"))
        assert first.kinds == ["offline", "towed"]
        wanted = notify.Wanted(quiet_from=time(22), quiet_until=time(7), language="en")
        changed = notify.change_subscription(
            office.conn, li, key=first.key, version=1, wanted=wanted, now=NOON
        )
        assert (changed.kinds, changed.language, changed.version) == (None, "en", 2)
        assert (changed.quiet_from, changed.quiet_until) == (time(22), time(7))
        with pytest.raises(VersionChanged):
            notify.retire_subscription(office.conn, li, key=first.key, version=1, now=NOON)
        notify.retire_subscription(office.conn, li, key=first.key, version=2, now=NOON)
        with pytest.raises(SubscriptionNotFound):
            notify.get_subscription(office.conn, li, key=first.key)

    @pytest.mark.parametrize(
        ("wanted", "fault"),
        [
            ({"kinds": ("no_such",)}, SubscriptionKindUnknown),
            ({"quiet_from": time(22)}, SubscriptionHoursMalformed),
            ({"quiet_from": time(7), "quiet_until": time(7)}, SubscriptionHoursMalformed),
        ],
    )
    def test_what_cannot_be_wanted(
        self, office: Office, wanted: dict[str, Any], fault: type[Exception]
    ) -> None:
        channel = office.channel()
        with pytest.raises(fault):
            office.subscribe(channel, **wanted)

    def test_only_ones_own_are_seen_without_more(self, office: Office) -> None:
        li, wang = office.person("li", "ops"), office.person("wang", "ops")
        for actor in (li, wang):
            made, _ = create(office.conn, actor)
            found = office.subscribe(made, actor=actor)
        narrow = Actor("person", "li", li.organisation_id, "east", frozenset({"notification.own"}))
        assert [s.owner for s in notify.list_subscriptions(office.conn, narrow, {})] == ["li"]
        assert notify.list_subscriptions(office.conn, narrow, {"owner": "wang"}) == []
        with pytest.raises(SubscriptionNotFound):
            notify.get_subscription(office.conn, narrow, key=found.key)


class TestMessages:
    """What was sent, and what came of it."""

    def told(self, office: Office, kind: str = "offline", **given: Any) -> UUID:
        office.subscribe(office.channel(**given))
        office.tell(office.alert(kind))
        office.told_after(minutes=1)
        row = office.conn.execute(
            "SELECT key FROM notification_messages ORDER BY id DESC LIMIT 1"
        ).fetchone()
        assert row is not None
        return UUID(str(row[0]))

    def test_with_its_attempts(self, office: Office, receiver: HttpReceiver) -> None:
        receiver.answer(500)
        key = self.told(office, url=receiver.url())
        office.send()
        li = office.person("li", "ops")
        [found] = notify.list_messages(office.conn, li, {"alert": "A2611-00000001"})
        assert found == notify.get_message(office.conn, li, key=key)
        assert [(a.no, a.result, a.detail) for a in found.attempts] == [(1, "refused", "HTTP 500")]
        assert (found.message.alerts, found.alert_nos) == (1, ["A2611-00000001"])
        for filters in ({"state": "sent"}, {"purpose": "test"}, {"alert": "A2611-00000002"}):
            assert notify.list_messages(office.conn, li, filters) == []

    def test_of_kinds_one_may_see(self, office: Office) -> None:
        """Who may not see rent does not read of it here."""
        rent = self.told(office, "rent_due")
        ops, finance = office.person("li", "ops"), office.person("wu", "finance")
        assert notify.list_messages(office.conn, ops, {}) == []
        with pytest.raises(MessageNotFound):
            notify.get_message(office.conn, ops, key=rent)
        assert len(notify.list_messages(office.conn, finance, {})) == 1

    def test_once_more(self, office: Office, app_conn: Conn, receiver: HttpReceiver) -> None:
        receiver.answer(404)
        key = self.told(office, url=receiver.url())
        office.send()
        manager = office.person("wang", "manager")
        with pytest.raises(PermissionMissing):
            notify.resend(office.conn, office.person("li", "ops"), key=key, now=office.clock)
        office.conn.commit()
        acting(app_conn, manager)
        again = notify.resend(app_conn, manager, key=key, now=office.clock)
        assert (again.message.state, again.message.attempts) == ("waiting", 1)
        app_conn.commit()
        office.send()
        assert office.state(key)[:2] == ("sent", 2)
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        with pytest.raises(MessageNotDead):
            notify.resend(office.conn, manager, key=key, now=office.clock)
        with pytest.raises(MessageNotFound):
            notify.resend(office.conn, manager, key=uuid4(), now=office.clock)

    def test_a_test_message(self, office: Office, app_conn: Conn, receiver: HttpReceiver) -> None:
        li = office.person("li", "ops")
        office.channel(actor=li, url=receiver.url(), hourly_limit=2)
        office.conn.commit()
        acting(app_conn, li)
        [channel] = notify.list_channels(app_conn, li, {})
        made = notify.test_channel(app_conn, li, key=channel.key, now=NOON)
        assert made.message.subject == "【管车】测试消息"
        assert (
            made.message.body
            == "通知渠道“webhook of east”工作正常。由 li 于 2026-11-23 12:00 发起。"
        )
        english = notify.test_channel(app_conn, li, key=channel.key, language="en", now=NOON)
        assert english.message.subject == "[Guanche] Test message"
        with pytest.raises(ChannelBusy):
            notify.test_channel(app_conn, li, key=channel.key, now=NOON)
        app_conn.commit()
        assert office.send().results["sent"] == 2
        [found] = notify.get_message(office.conn, li, key=made.message.key).attempts
        assert found.result == "sent"
