"""From what a rule finds, through the inbox, to what a receiver gets."""

import json
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.escalation.steps import Step
from alerts.model import Clearing, Finding, Links, Subject
from schemas.access import SYSTEM
from tests.alerts.notify.conftest import VINS, Office, acting, settings
from tests.fixtures.receivers import HttpReceiver, MailServer

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def vehicle_id(office: Office) -> int:
    row = office.conn.execute("SELECT id FROM vehicles WHERE vin = %s", [VINS[0]]).fetchone()
    assert row is not None
    return int(row[0])


def find(office: Office, rule: str = "offline", **given: Any) -> inbox.Applied:
    """A rule holds of the first vehicle, since now."""
    own = vehicle_id(office)
    finding = Finding(
        tenant_id=office.organisations["head"],
        organisation_id=office.organisations["east"],
        rule_code=rule,
        kind=rule,
        rule_version=None,
        severity=given.pop("severity", "warning"),
        subject=Subject("vehicle", own, VINS[0]),
        occurrence=office.clock.isoformat(),
        raised_at=office.clock,
        facts=given.pop("facts", {}),
        links=Links(vehicle_id=own),
        **given,
    )
    return inbox.apply(office.conn, [finding], [], now=office.clock)


def clear(office: Office, rule: str = "offline") -> inbox.Applied:
    """It holds no longer."""
    clearing = Clearing(
        office.organisations["east"], rule, "vehicle", vehicle_id(office), office.clock
    )
    return inbox.apply(office.conn, [], [clearing], now=office.clock)


def settle(office: Office) -> None:
    """Time enough for the group wait; what is gathered is sent."""
    office.gather()  # spreads what people left
    office.wait(minutes=1)
    office.gather()
    office.send()


def titles(receiver: HttpReceiver) -> list[str]:
    return [json.loads(each.body)["data"]["subject"] for each in receiver.received]


def test_raised_over_and_again(office: Office, receiver: HttpReceiver, mail: MailServer) -> None:
    office.settings = settings(smtp_url=mail.url, smtp_from="guanche@example.com")
    hook = office.channel(url=receiver.url(), organisation="head")
    office.subscribe(hook, organisation="head", tells_resolved=True)
    office.subscribe(office.channel("email", address="ops@example.com"))
    find(office, facts={"silent_s": 7_200}, reopen_within_s=1_800)
    settle(office)
    clear(office)
    settle(office)
    find(office, reopen_within_s=1_800)
    settle(office)
    name = f"【警告】粤BD12345 ({VINS[0]}) 车辆离线"
    assert titles(receiver) == [name, f"{name}（已恢复）", f"{name}（再次发生）"]
    assert [each["Subject"] for each in mail.mails] == [name, f"{name}（再次发生）"]
    assert "无数据 2小时" in mail.mails[0].get_content()


def test_what_another_explains_is_told_when_that_is_over(
    office: Office, receiver: HttpReceiver
) -> None:
    office.subscribe(office.channel(url=receiver.url()))
    find(office, "offline")
    find(office, "low_soc_parked")
    settle(office)
    assert titles(receiver) == [f"【警告】粤BD12345 ({VINS[0]}) 车辆离线"]
    clear(office, "offline")
    inbox.wake_due(office.conn, now=office.clock)
    settle(office)
    assert titles(receiver)[1:] == [f"【警告】粤BD12345 ({VINS[0]}) 停放电量低"]


def test_nobody_acknowledges_it(office: Office, receiver: HttpReceiver) -> None:
    boss = office.person("wang", "manager", organisation="head")
    office.channel(actor=boss, organisation="head", url=receiver.url())
    step = Step("critical", 15, role="manager", levels_up=1)
    inbox.set_escalation(
        office.conn, SYSTEM, organisation="head", version=0, steps=[step], now=office.clock
    )
    find(office, "towed", severity="critical")
    settle(office)
    assert titles(receiver) == []
    office.wait(minutes=15)
    assert inbox.escalate_due(office.conn, now=office.clock) == 1
    settle(office)
    told = f"【严重】粤BD12345 ({VINS[0]}) 疑似拖车（升级：尚无人确认）"
    assert titles(receiver) == [told]


def test_settled_by_hand_is_told_above_too(
    office: Office, receiver: HttpReceiver, app_conn: Connection[Any]
) -> None:
    """Whoever settles it does not see who is told."""
    office.subscribe(
        office.channel(url=receiver.url(), organisation="head"),
        organisation="head",
        tells_resolved=True,
    )
    li = office.person("li", "ops")
    find(office)
    settle(office)
    acting(app_conn, li)
    [alert] = inbox.list_alerts(app_conn, li, {}, limit=10)
    inbox.resolve(
        app_conn,
        li,
        alert_no=alert.alert_no,
        version=alert.version,
        resolution="换了天线",
        now=office.clock,
    )
    app_conn.commit()
    settle(office)
    name = f"【警告】粤BD12345 ({VINS[0]}) 车辆离线"
    assert titles(receiver) == [name, f"{name}（已恢复）"]


def test_flapping_for_an_hour_stays_within_the_limit(
    office: Office, receiver: HttpReceiver
) -> None:
    office.subscribe(office.channel(url=receiver.url(), hourly_limit=10), tells_resolved=True)
    end = office.clock + timedelta(hours=1)
    while office.clock < end - timedelta(minutes=2):
        find(office, reopen_within_s=1_800)
        settle(office)
        clear(office)
        settle(office)
    assert len(receiver.received) == 10
    assert office.conn.execute("SELECT count(*) FROM alerts").fetchone() == (1,)
