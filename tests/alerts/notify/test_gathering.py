"""What waits becomes messages: together, within the limit, and not what is over by then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.notify.gathering import service as gathering
from alerts.notify.gathering.silences import Standing, silences_it, why_dropped
from alerts.notify.outbox import service as outbox
from tests.alerts.notify.conftest import NOON, QUIET, Office

ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
ALERT = Standing("offline_east", "offline", "warning", "V1", "open", False, False, None)


@pytest.mark.parametrize(
    ("purpose", "changed", "why"),
    [
        pytest.param("raised", {}, None, id="stands"),
        pytest.param(
            "raised", {"state": "acknowledged"}, None, id="acknowledged, told all the same"
        ),
        pytest.param("raised", {"state": "resolved"}, "resolved", id="over before it was told"),
        pytest.param("resolved", {"state": "resolved"}, None, id="over, as it says"),
        pytest.param("resolved", {}, "reopened", id="over, and so again"),
        pytest.param("raised", {"inhibited": True}, "inhibited", id="explained by another"),
        pytest.param("raised", {"historical": True}, "historical", id="for the record"),
        pytest.param(
            "reminded", {"snoozed_until": NOON + timedelta(hours=1)}, "snoozed", id="put off"
        ),
        pytest.param("reminded", {"snoozed_until": NOON}, None, id="put off until now"),
        pytest.param("escalated", {}, None, id="escalated"),
        pytest.param(
            "escalated", {"state": "acknowledged"}, "acknowledged", id="escalated too late"
        ),
    ],
)
def test_why_something_is_not_told(purpose: str, changed: dict[str, Any], why: str | None) -> None:
    assert why_dropped(purpose, replace(ALERT, **changed), [], NOON) == why


@pytest.mark.parametrize(
    ("matching", "silent"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"rules": ["offline_east"]}, True, id="the rule"),
        pytest.param({"kinds": ["towed"]}, False, id="another kind"),
        pytest.param({"kinds": ["offline"], "vins": ["V2"]}, False, id="another vehicle"),
        pytest.param({"kinds": ["offline"], "vins": ["V1", "V2"]}, True, id="both match"),
        pytest.param({"severities": ["info", "warning"], "rules": []}, True, id="an empty list"),
    ],
)
def test_what_a_silence_matches(matching: dict[str, Any], silent: bool) -> None:
    assert silences_it(matching, ALERT) is silent


@ONE_STORAGE
class TestTogether:
    """What belongs to a channel goes together."""

    def test_what_comes_within_the_wait(self, office: Office) -> None:
        office.subscribe(office.channel())
        office.tell(office.alert("towed", severity="critical"))
        assert office.told_after(seconds=29) == []
        office.tell(office.alert())
        assert office.told_after(seconds=1) == ["【严重】2 条告警：1 辆车疑似拖车，1 辆车离线"]
        assert office.told_after(minutes=5) == []

    def test_a_storm_is_counted(self, office: Office) -> None:
        office.subscribe(office.channel(organisation="head"), organisation="head")
        office.tell(*(office.alert(organisation="east") for _ in range(37)))
        office.tell(office.alert(organisation="west"))
        assert office.told_after(minutes=1) == ["【警告】38 条告警：37 辆车离线，1 辆车离线"]
        (body, payload) = office.conn.execute(
            "SELECT body, payload FROM notification_messages"
        ).fetchone() or ("", {})
        first, second = body.splitlines()
        assert first.startswith("37 辆车离线（华东）：VIN1、VIN2、VIN3")
        assert second.startswith("VIN38：车辆离线；2026-11-23 12:00 https://")
        assert payload["data"]["total"] == 38
        assert len(payload["data"]["alerts"]) == 38

    def test_of_one_alert_the_last_word(self, office: Office) -> None:
        office.subscribe(office.channel(), tells_resolved=True)
        told = office.alert()
        office.tell(told)
        office.tell(replace(told, purpose="reminded", occasion="2"))
        assert office.told_after(minutes=1) == ["【警告】VIN1 车辆离线（再次提醒）"]

    def test_a_digest_comes_at_its_hour(self, office: Office) -> None:
        office.subscribe(office.channel(), digest="daily", critical_anyway=False)
        office.tell(office.alert(), office.alert("towed", severity="critical"))
        assert office.told_after(hours=12) == []
        assert office.told_after(hours=8, minutes=31) == [
            "【汇总】2 条告警：1 辆车疑似拖车，1 辆车离线"
        ]

    def test_quiet_hours(self, office: Office) -> None:
        office.subscribe(office.channel(), **QUIET)
        office.wait(hours=11)
        office.tell(office.alert(), office.alert("towed", severity="critical"))
        assert office.told_after(minutes=1) == ["【严重】VIN2 疑似拖车"]
        assert office.told_after(hours=7) == []
        assert office.told_after(hours=1) == ["【警告】VIN1 车辆离线"]

    def test_english(self, office: Office) -> None:
        office.subscribe(office.channel(), language="en")
        office.tell(office.alert("low_soc_driving", facts={"soc_pct": 12, "value": 12}))
        assert office.told_after(minutes=1) == ["[warning] VIN1 Low charge, driving"]
        (body,) = office.conn.execute("SELECT body FROM notification_messages").fetchone() or ("",)
        assert body == (
            "VIN1: Low charge, driving; charge 12%; 2026-11-23 12:00"
            " https://guanche.example.com/alerts/A2611-00000001"
        )

    def test_a_rule_as_the_nearest_organisation_calls_it(self, office: Office) -> None:
        for organisation, name in (("head", "市区超速"), ("east", "园区超速")):
            office.conn.execute(
                "INSERT INTO alert_rules (tenant_id, organisation_id, code, kind, name, enabled,"
                " severity, parameters, changed_by, changed_at) VALUES (%s, %s, 'city',"
                " 'over_speed', %s, true, 'warning', '{}', 'li', now())",
                [office.organisations["head"], office.organisations[organisation], name],
            )
        office.subscribe(office.channel(organisation="head"), organisation="head")
        office.tell(office.alert("over_speed", rule_code="city"))
        assert office.told_after(minutes=1) == ["【警告】VIN1 园区超速"]


@ONE_STORAGE
class TestDropped:
    """What is not told after all says why."""

    def test_what_was_over_before(self, office: Office) -> None:
        office.subscribe(office.channel(), tells_resolved=True)
        told = office.alert()
        office.tell(told)
        office.resolve(told)
        office.tell(replace(told, purpose="resolved", occasion="resolved:1"))
        assert office.told_after(minutes=1) == []
        assert office.items() == [("raised", "dropped", "resolved")]

    def test_over_is_told_to_who_heard(self, office: Office) -> None:
        office.subscribe(office.channel(), tells_resolved=True)
        told = office.alert()
        office.tell(told)
        office.told_after(minutes=1)
        office.resolve(told)
        office.tell(replace(told, purpose="resolved", occasion="resolved:1"))
        assert office.told_after(minutes=1) == ["【警告】VIN1 车辆离线（已恢复）"]

    def test_a_silence_above(self, office: Office) -> None:
        office.subscribe(office.channel())
        office.conn.execute(
            "INSERT INTO alert_silences (tenant_id, organisation_id, reason, matching,"
            " silent_period, created_by, created_at) VALUES (%(head)s, %(head)s, 'Umbau',"
            " %(matching)s, tstzrange(%(now)s, %(now)s + interval '1 hour'), 'li', %(now)s)",
            {
                "head": office.organisations["head"],
                "matching": Jsonb({"kinds": ["offline"]}),
                "now": office.clock,
            },
        )
        office.tell(office.alert(), office.alert("towed"))
        assert office.told_after(minutes=1) == ["【警告】VIN2 疑似拖车"]
        office.wait(hours=1)
        office.tell(office.alert())
        assert office.told_after(minutes=1) == ["【警告】VIN3 车辆离线"]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ("UPDATE notification_channels SET enabled = false", "channel_off"),
            ("UPDATE notification_subscriptions SET retired_at = now()", "unsubscribed"),
        ],
    )
    def test_what_nobody_wants_any_more(
        self, office: Office, conn: Connection[Any], change: str, why: str
    ) -> None:
        office.subscribe(office.channel())
        office.tell(office.alert())
        conn.execute(change.encode())
        assert office.told_after(minutes=1) == []
        assert office.items() == [("raised", "dropped", why)]

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE users SET disabled_at = now()",
            "UPDATE users SET roles = ARRAY['ops']",
        ],
    )
    def test_who_may_not_hear_of_it_any_more(self, office: Office, change: str) -> None:
        """A night may lie between what is found and what is told."""
        wu = office.person("wu", "finance")
        office.subscribe(office.channel(actor=wu), actor=wu)
        office.tell(office.alert("rent_due"))
        office.conn.execute(change.encode())
        assert office.told_after(minutes=1) == []
        assert office.items() == [("raised", "dropped", "forbidden")]


@ONE_STORAGE
class TestLimit:
    """So many messages an hour; what is more is told together."""

    def test_flapping_for_an_hour(self, office: Office) -> None:
        office.subscribe(office.channel(hourly_limit=6), tells_resolved=True)
        told = office.alert()
        sent: list[str] = []
        for turn in range(90):  # every 40 seconds it is over, or so again
            over = turn % 2 == 1
            state = {"state": "resolved", "resolved_at": office.clock, "resolved_by": "system"}
            again = {"state": "open", "resolved_at": None, "resolved_by": None}
            office.change(told, **(state if over else again))
            purpose = "resolved" if over else "reopened" if turn else "raised"
            office.tell(replace(told, purpose=purpose, occasion=f"{turn}"))
            sent += office.told_after(seconds=40)
        assert len(sent) == 6
        assert len(office.items()) == 90

    def test_the_rest_is_told_together(self, office: Office) -> None:
        office.subscribe(office.channel(hourly_limit=2))
        told = []
        for _ in range(5):
            office.tell(office.alert())
            told.append(len(office.told_after(minutes=2)))
        assert told == [1, 1, 0, 0, 0]
        assert office.told_after(minutes=55) == ["【警告】3 条告警：3 辆车离线"]

    def test_each_channel_has_its_own(self, office: Office) -> None:
        for _ in range(2):
            office.subscribe(office.channel(hourly_limit=1))
        office.tell(office.alert())
        assert len(office.told_after(minutes=1)) == 2

    def test_who_had_theirs_does_not_keep_the_others_waiting(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Looked at are so many channels at once, the first first: those that may be told."""
        monkeypatch.setattr(gathering, "MOST_CHANNELS", 1)
        office.subscribe(office.channel(hourly_limit=1))
        office.tell(office.alert())
        assert len(office.told_after(minutes=1)) == 1
        office.subscribe(office.channel(organisation="west"), organisation="west")
        office.tell(office.alert(), office.alert("towed", organisation="west"))
        assert office.told_after(minutes=1) == ["【警告】VIN3 疑似拖车"]

    def test_a_great_storm_is_taken_in_pieces(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Too many for who finds them are spread by and by; too many for one look come next."""
        monkeypatch.setattr(outbox, "MOST_AT_ONCE", 20)
        monkeypatch.setattr(outbox, "MOST_LEFT", 30)
        monkeypatch.setattr(gathering, "MOST_ITEMS", 40)
        office.subscribe(office.channel())
        assert office.tell(*(office.alert() for _ in range(50))) == 50
        assert office.told_after(seconds=0) == []
        assert office.told_after(seconds=2) == []
        assert office.told_after(seconds=30) == ["【警告】40 条告警：40 辆车离线"]
        assert office.told_after(seconds=2) == ["【警告】10 条告警：10 辆车离线"]


@ONE_STORAGE
def test_two_gatherers_share_the_channels(office: Office, database_url: str) -> None:
    from alerts.notify import service as notify  # noqa: PLC0415
    from kit import db  # noqa: PLC0415

    for _ in range(2):
        office.subscribe(office.channel())
    office.tell(office.alert())
    office.wait(minutes=1)
    office.conn.commit()
    with db.connect(database_url) as other:
        assert office.gather() == 2
        assert notify.gather_due(other, office.settings, now=office.clock) == 0
    office.conn.commit()
    assert office.gather() == 0
