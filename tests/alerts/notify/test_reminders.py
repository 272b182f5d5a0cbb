"""Customers are reminded of rent: by day, once a notice, and not of what is settled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from alerts.notify import service as notify
from alerts.notify.jobs import Sender, Sent, send_due
from alerts.notify.model import ReminderDelivered
from alerts.notify.reminders.ways import remind_at, way_to
from fleet.dunning.service import get_notice, record_delivery, withdraw_notice
from kit.settings import Settings
from schemas.access import SYSTEM
from tests.alerts.notify.conftest import settings
from tests.fixtures.receivers import HttpReceiver, MailServer
from tests.fleet.conftest import fleet
from tests.fleet.dunning.conftest import (
    at,
    issued,
    lender,
    listed,
    number_of,
    office,
    run,
    running,
    settle,
)

__all__ = ["fleet", "lender", "office"]
Conn = Connection[Any]
ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def deliver(conn: Conn, told: ReminderDelivered) -> None:
    """As the composition root wires it."""
    record_delivery(
        conn,
        SYSTEM,
        notice_no=told.notice_no,
        channel=told.channel,
        result=told.result,
        sent_at=told.sent_at,
        proof=told.proof,
        now=told.sent_at,
    )


@dataclass
class Desk:
    """A lender who reminds."""

    conn: Conn
    settings: Settings
    bill_no: str
    clock: datetime

    def remind(self) -> int:
        """Notices that go to the outbox now."""
        return notify.enqueue_reminders(self.conn, self.settings, now=self.clock)

    def gather(self) -> int:
        return notify.gather_due(self.conn, self.settings, now=self.clock)

    def send(self) -> Sent:
        self.conn.commit()
        sender = Sender(self.settings, on_delivered=deliver, rng=Random(1))
        return send_due(self.conn, sender, now=lambda: self.clock)

    def all(self) -> Sent:
        self.remind()
        self.gather()
        return self.send()

    def reached_by(self, email: str | None, phone: str | None) -> None:
        self.conn.execute("UPDATE customers SET email = %s, phone = %s", [email, phone])

    def items(self) -> list[tuple[str, str | None]]:
        return self.conn.execute(
            "SELECT state, drop_reason FROM notification_items ORDER BY id"
        ).fetchall()


@pytest.fixture
def desk(lender: Conn, mail: MailServer, receiver: HttpReceiver) -> Iterator[Desk]:
    """A bill is due in 7 days; its customer has an address and a phone."""
    bill_no = issued(lender, running(lender))
    run(lender, -7)
    made = settings(
        smtp_url=mail.url,
        smtp_from="guanche@example.com",
        sms_url=f"json://127.0.0.1:{receiver.port}/{{phone}}",
    )
    desk = Desk(lender, made, bill_no, at(-7, 10))
    desk.reached_by("li.na@example.cn", "13800138000")
    yield desk


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param("22T12:00", "22T12:00", id="by day"),
        pytest.param("22T08:00", "22T08:00", id="the day begins"),
        pytest.param("22T07:59", "22T08:00", id="before it"),
        pytest.param("22T20:00", "23T08:00", id="the day is over"),
        pytest.param("22T23:59", "23T08:00", id="at night"),
    ],
)
def test_by_day_only(now: str, told: str) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-{text}:00+08:00")

    assert remind_at(instant(now), "Asia/Shanghai") == instant(told).astimezone(UTC)


@pytest.mark.parametrize(
    ("email", "phone", "by_email", "by_sms", "kind"),
    [
        ("a@b.cn", "13800138000", True, True, "email"),
        ("a@b.cn", "13800138000", False, True, "sms"),
        (None, "13800138000", True, True, "sms"),
        (None, "13800138000", True, False, None),
        ("a@b.cn", None, False, True, None),
        (None, None, True, True, None),
    ],
)
def test_how_a_customer_is_reached(
    email: str | None, phone: str | None, by_email: bool, by_sms: bool, kind: str | None
) -> None:
    way = way_to(email, phone, email_set=by_email, sms_set=by_sms)
    assert (way and way.kind) == kind


@ONE_STORAGE
class TestReminders:
    """From a notice to its delivery."""

    def test_by_mail_and_written_down(self, desk: Desk, mail: MailServer) -> None:
        assert (desk.remind(), desk.remind(), desk.gather()) == (1, 0, 1)
        assert desk.send().results["sent"] == 1
        [letter] = mail.mails
        number = number_of(desk.conn, "remind_7")
        notice = get_notice(desk.conn, SYSTEM, notice_no=number)
        assert letter["Subject"] == notice.content["title"]
        text = str(letter.get_content()).replace("\r\n", "\n").strip()
        assert text == str(notice.content["text"]).strip()
        assert mail.to == ["li.na@example.cn"]
        assert notice.listed.notice.state == "sent"
        [delivery] = notice.deliveries
        assert (delivery.channel, delivery.result) == ("email", "sent")
        assert letter["Message-ID"] == f"<{delivery.proof}@example.com>"
        desk.clock = at(-6, 10)
        assert desk.all().results == {}

    def test_by_sms(self, desk: Desk, receiver: HttpReceiver) -> None:
        desk.reached_by(None, "13800138000")
        assert desk.all().results["sent"] == 1
        assert receiver.received[0].path == "/13800138000"
        row = desk.conn.execute(
            "SELECT recipient_hint, recipient_sealed FROM notification_messages"
        ).fetchone()
        assert row is not None
        assert row[0] == "138****8000"
        assert b"13800138000" not in bytes(row[1])

    def test_not_at_night(self, desk: Desk, mail: MailServer) -> None:
        desk.clock = at(-7, 21)
        assert desk.all().results == {}
        desk.clock = at(-6, 7)
        assert desk.all().results == {}
        desk.clock = at(-6, 8)
        assert desk.all().results["sent"] == 1
        assert len(mail.mails) == 1

    def test_what_could_not_be_sent_by_day_waits(self, desk: Desk, mail: MailServer) -> None:
        desk.clock = at(-7, 19)
        mail.refusals += ["451 later"] * 3
        desk.all()
        desk.clock = at(-7, 21)
        assert desk.send().results == {}
        desk.clock = at(-6, 8)
        mail.refusals.clear()
        assert desk.send().results["sent"] == 1

    def test_not_what_is_settled(self, desk: Desk, mail: MailServer) -> None:
        desk.remind()
        settle(desk.conn, desk.bill_no, at(-7).date())
        assert desk.gather() == 0
        assert desk.items() == [("dropped", "settled")]
        assert mail.mails == []

    def test_not_what_is_settled_while_it_waits(self, desk: Desk, mail: MailServer) -> None:
        desk.remind()
        desk.gather()
        settle(desk.conn, desk.bill_no, at(-7).date())
        assert desk.send().dead == 1
        row = desk.conn.execute("SELECT state, last_error FROM notification_messages").fetchone()
        assert row == ("dead", "settled")
        assert mail.mails == []

    def test_not_what_was_withdrawn(self, desk: Desk) -> None:
        desk.remind()
        [found] = listed(desk.conn)
        withdraw_notice(
            desk.conn,
            SYSTEM,
            notice_no=found.notice.notice_no,
            version=found.notice.version,
            note="已付现金",
            now=desk.clock,
        )
        assert desk.gather() == 0
        assert desk.items() == [("dropped", "withdrawn")]

    def test_not_what_lay_about(self, desk: Desk) -> None:
        desk.clock = at(-3, 11)
        assert desk.remind() == 0

    def test_nobody_who_cannot_be_reached(self, desk: Desk) -> None:
        desk.reached_by(None, None)
        assert desk.remind() == 0
        desk.settings = settings()
        desk.reached_by("li.na@example.cn", None)
        assert desk.remind() == 0

    def test_a_refusal_is_written_down(self, desk: Desk, mail: MailServer) -> None:
        mail.refusals.append("550 no such mailbox")
        assert desk.all().dead == 1
        number = number_of(desk.conn, "remind_7")
        notice = get_notice(desk.conn, SYSTEM, notice_no=number)
        assert [(each.channel, each.result) for each in notice.deliveries] == [("email", "failed")]
        assert notice.listed.notice.state == "made"

    def test_a_delivery_that_cannot_be_written_down_is_not_sent_again(
        self, desk: Desk, mail: MailServer
    ) -> None:
        """Whatever dunning says to it: the customer has it, and gets it once."""

        def broken(conn: Conn, told: ReminderDelivered) -> None:
            conn.execute("SELECT 1 / 0")

        sender = Sender(desk.settings, on_delivered=broken, rng=Random(1))
        desk.remind()
        desk.gather()
        desk.conn.commit()
        for _ in range(3):
            send_due(desk.conn, sender, now=lambda: desk.clock)
            desk.clock += timedelta(seconds=sender.claim_s + 1)
        assert len(mail.mails) == 1
        row = desk.conn.execute("SELECT state, attempts FROM notification_messages").fetchone()
        assert row == ("sent", 1)

    def test_demands_go_by_hand_unless_set(self, desk: Desk) -> None:
        run(desk.conn, 7)
        desk.clock = at(7, 10)
        assert [each.notice.kind for each in listed(desk.conn, stage="demand_7")] == ["demand"]
        assert desk.remind() == 0
        desk.settings = desk.settings.model_copy(update={"notify_demands": True})
        assert desk.remind() == 1
