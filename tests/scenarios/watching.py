"""Watches over a story day by day, as the alert process does, with real receivers on loopback.

Each day at the hour of the act: lessees' reminders are made, what is due is swept, what is to be
told is gathered and sent. Told is what became of alerts, and what each receiver really got.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from pydantic import SecretStr
from standardwebhooks import Webhook

from alerts.inbox import service as inbox
from alerts.inbox.model import BY_ITSELF, Alert, AlertEvent
from alerts.notify import service as notify
from alerts.notify.jobs import Sender, send_due
from alerts.obligations.service import sweep
from alerts.rules.service import all_rules
from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection
from fleet.compliance.records import PolicyTerms
from fleet.dunning import service as dunning
from guanche.reminders import record_reminder
from kit.db import act_for
from kit.sealed import SealingKey, new_key_text
from kit.settings import Settings
from schemas.access import SYSTEM
from tests.fixtures.receivers import HttpReceiver, MailServer, Received, http_receiver, mail_server
from tests.scenarios.story import Act, Channel, Story
from tests.scenarios.world import LESSOR, LONG_AGO, World

ALERT_NO: Final = re.compile(r"(A[0-9]{4})-[0-9A-Z]{8}")
UNTOLD: Final = frozenset({"notified"})
"""Events of an alert that are told as what arrived."""
WORDS: Final = {"raised": "opened", "reminded": "told again"}


@dataclass
class Desk:
    """Who sends, who receives, and how far the story has been told."""

    settings: Settings
    hook: HttpReceiver
    mail: MailServer
    names: dict[str, str] = field(default_factory=dict)
    """Of channels, by the address that a receiver knows them by."""
    secrets: dict[str, str] = field(default_factory=dict)
    events_told: set[tuple[int, int]] = field(default_factory=set)
    hooks_told: int = 0
    mails_told: int = 0


@contextmanager
def receiving(world: World, story: Story) -> Iterator[None]:
    """The story's channels are there meanwhile, and somebody who listens at the end of each."""
    if not story.channels:
        yield
        return
    with http_receiver() as hook, mail_server() as mail:
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr(new_key_text()),
            smtp_url=SecretStr(mail.url),
            smtp_from="guanche@qingfan.example",
            notify_private_targets=True,
            notify_timeout_s=5,
            api_public_url="https://guanche.qingfan.example",
        )
        world.desk = Desk(settings, hook, mail)
        for channel in story.channels:
            _open(world, world.desk, channel)
        yield


def _open(world: World, desk: Desk, channel: Channel) -> None:
    """A channel, and what goes to it."""
    address = channel.address or f"/hook/{len(desk.names) + 1}"
    key = desk.settings.secret_key
    assert key is not None
    made, secret = notify.create_channel(
        world.conn,
        SYSTEM,
        sealing=SealingKey.from_text(key.get_secret_value()),
        organisation=LESSOR,
        own=False,
        name=channel.name,
        kind=channel.kind,
        target={"address": address} if channel.address else {"url": desk.hook.url(address)},
        private_allowed=True,
        now=LONG_AGO,
    )
    wanted = notify.Wanted(
        least_severity=channel.least_severity,
        kinds=channel.kinds,
        tells_resolved=channel.tells_resolved,
        language=channel.language,
    )
    notify.create_subscription(
        world.conn, SYSTEM, channel=made.key, organisation=LESSOR, wanted=wanted, now=LONG_AGO
    )
    desk.names[address] = channel.name
    if secret is not None:
        desk.secrets[address] = secret


def watch(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """Every day up to `daily_to`, at the same hour; days on which nothing happens are left out.

    `kinds` are those of the alerts that are told of.
    """
    last_on: date = facts.pop("daily_to", act.at.date())
    kinds = frozenset(facts.pop("kinds"))
    told, now = [], act.now
    while now.date() <= last_on:
        lines = _day(world, world.desk, kinds, now)
        told += [f"- {now:%Y-%m-%d}", *lines] if lines else []
        now += timedelta(days=1)
    return [_named(world, line) for line in told] or ["- nothing happens"]


def _named(world: World, line: str) -> str:
    """A plate alone for a plate and a VIN; numbers of alerts are chance."""
    for vin, plate in world.plates.items():
        line = line.replace(f"{plate} ({vin})", plate)
    return ALERT_NO.sub(r"\1…", line)


def _day(world: World, desk: Desk, kinds: frozenset[str], now: datetime) -> list[str]:
    now = now.astimezone(UTC)
    conn, settings, sent_at = world.conn, desk.settings, now + timedelta(minutes=1)
    act_for(conn, [world.organisation_id])
    dunning.make_due(conn, SYSTEM, organisation_id=world.organisation_id, now=now)
    sweep(conn, all_rules(conn), now=now)
    inbox.wake_due(conn, now=now)
    inbox.escalate_due(conn, now=now)
    notify.enqueue_reminders(conn, settings, now=now)
    notify.gather_due(conn, settings, now=sent_at)
    sender = Sender(settings, on_delivered=record_reminder, rng=Random(1))
    done = send_due(conn, sender, now=lambda: sent_at)
    assert done.results.keys() <= {"sent"}, done.results
    return [*_happened(world, desk, kinds), *_arrived(desk)]


def _happened(world: World, desk: Desk, kinds: frozenset[str]) -> list[str]:
    """What became of alerts since the story last told."""
    found: list[tuple[AlertEvent, Alert]] = []
    for alert in inbox.list_alerts(world.conn, SYSTEM, {}, limit=200):
        detail = inbox.get_alert(world.conn, SYSTEM, alert_no=alert.alert_no)
        found += [
            (event, alert)
            for event in detail.events
            if (alert.id, event.id) not in desk.events_told and event.kind not in UNTOLD
        ]
    found.sort(key=lambda each: (each[0].at, each[1].id, each[0].id))
    desk.events_told.update((alert.id, event.id) for event, alert in found)
    return [_line(event, alert) for event, alert in found if alert.kind in kinds]


def _line(event: AlertEvent, alert: Alert) -> str:
    how = WORDS.get(event.kind, event.kind)
    if event.kind == "resolved" or (event.kind == "cleared" and alert.state == "resolved"):
        how = "resolved by itself" if alert.resolved_by == BY_ITSELF else "resolved"
    due = "" if alert.due_on is None else f", due {alert.due_on}"
    return f"  - `{alert.kind}` of {alert.subject_key}{due}: {how}, {alert.severity}"


def _arrived(desk: Desk) -> list[str]:
    """What receivers got since the story last told; several of a minute in no order."""
    hooks = desk.hook.received[desk.hooks_told :]
    mails = desk.mail.mails[desk.mails_told :]
    desk.hooks_told, desk.mails_told = len(desk.hook.received), len(desk.mail.mails)
    letters = []
    for hook in hooks:
        _check_signature(desk, hook)
        content = json.loads(hook.body)["data"]
        to = f"webhook to {desk.names[hook.path]}, signed"
        letters.append((to, content["subject"], "\n".join(map(_machine, content["alerts"]))))
    for mail in mails:
        name = desk.names.get(mail["To"])
        to = f"e-mail to {mail['To']}" + (f" ({name})" if name else ", the lessee")
        letters.append((to, str(mail["Subject"]), mail.get_content()))
    told = []
    for to, subject, text in sorted(letters):
        told += [f"  - {to}: **{subject}**"]
        told += [f"    > {line}".rstrip() for line in text.strip().splitlines()]
    return told


def _machine(alert: Mapping[str, Any]) -> str:
    """What a machine reads of an alert."""
    facts = json.dumps(alert["facts"], ensure_ascii=False, sort_keys=True)
    return f"{alert['purpose']}, {alert['state']}: {facts}"


def _check_signature(desk: Desk, hook: Received) -> None:
    """As its receiver does, but for the time: the story's is not that of the wall."""
    headers = {name.lower(): value for name, value in hook.headers.items()}
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = Webhook(desk.secrets[hook.path]).sign(headers["webhook-id"], at, hook.body.decode())
    assert headers["webhook-signature"] == signed


def inspect(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The vehicle was at the inspection line that day."""
    until_on: date = facts.pop("valid_to_on")
    passed = Inspection("line", act.at.date(), passed=True, valid_to_on=until_on)
    vin = world.vins[facts.pop("vehicle")]
    compliance.record_inspection(
        world.conn, world.somebody(act.by), vin=vin, inspection=passed, now=act.now
    )
    return [f"- passed, valid to {until_on:%Y-%m}"]


def insure(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """A further compulsory policy."""
    terms = PolicyTerms("平安", facts.pop("from_on"), facts.pop("until_on"), use_nature="营业货车")
    compliance.record_policy(
        world.conn,
        world.somebody(act.by),
        vin=world.vins[facts.pop("vehicle")],
        kind="compulsory",
        policy_no=facts.pop("policy_no"),
        terms=terms,
        now=act.now,
    )
    return [f"- 交强险 {terms.covered_from} to {terms.covered_until}"]


def deliveries(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """What dunning has written down of each notice of a lease."""
    act_for(world.conn, [world.organisation_id])
    filters = {"lease": world.leases[act.lease]}
    told = []
    for listed in reversed(dunning.list_notices(world.conn, SYSTEM, filters, limit=200)):
        notice = listed.notice
        detail = dunning.get_notice(world.conn, SYSTEM, notice_no=notice.notice_no)
        ways = [f"{each.result} by {each.channel}" for each in detail.deliveries]
        told.append(
            f"- {notice.stage_on} `{notice.stage}` {notice.title}: {notice.state}"
            f"{''.join(f', {way}' for way in ways)}"
        )
    return told


DOINGS: Final = {"watch": watch, "inspect": inspect, "insure": insure, "deliveries": deliveries}
