"""From the outbox to a receiver: at least once, under one id, and each attempt counted."""

import threading
from collections import Counter
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from alerts.model import Severity
from alerts.notify import service as notify
from alerts.notify.jobs import send_due
from alerts.notify.sending.outcome import Outcome, Outgoing
from kit import clock, db
from schemas.access import SYSTEM
from tests.alerts.notify.conftest import NOON, QUIET, SEALING, Office, settings
from tests.fixtures.receivers import HttpReceiver, MailServer

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def waiting(office: Office, receiver: HttpReceiver, **given: Any) -> None:
    """A message waits for a webhook."""
    office.subscribe(office.channel(url=receiver.url(), secret=SECRET, **given))
    office.tell(office.alert(facts={"silent_s": 7_200}))
    assert office.told_after(minutes=1) == ["【警告】VIN1 车辆离线"]


def attempts(office: Office) -> list[tuple[int, str | None, str | None]]:
    return office.conn.execute(
        "SELECT no, result, detail FROM notification_attempts ORDER BY message_id, no"
    ).fetchall()


class Dying(BaseException):
    """The process is killed."""


class TestArrives:
    """What is told arrives."""

    def test_a_webhook_that_can_be_checked(self, office: Office, receiver: HttpReceiver) -> None:
        office.clock = clock.now()
        waiting(office, receiver)
        office.wait(minutes=-1)
        office.conn.execute(
            "UPDATE notification_messages SET next_attempt_at = created_at - '1h'::interval"
        )
        sent = office.send()
        assert (sent.results, sent.dead, sent.waiting) == (Counter(sent=1), 0, 0)
        [request] = receiver.received
        told = Webhook(SECRET).verify(request.body, request.headers)
        assert told["type"] == "alerts.told"
        assert told["data"]["alerts"][0]["alert_no"] == "A2611-00000001"
        (key,) = office.conn.execute("SELECT key FROM notification_messages").fetchone() or ("",)
        assert request.headers["webhook-id"] == str(key)
        assert attempts(office) == [(1, "sent", None)]
        assert office.state()[:2] == ("sent", 1)

    def test_a_mail(self, office: Office, mail: MailServer) -> None:
        office.settings = settings(smtp_url=mail.url, smtp_from="guanche@example.com")
        office.subscribe(office.channel("email", address="ops@example.com"))
        office.tell(office.alert())
        office.told_after(minutes=1)
        assert office.send().results == Counter(sent=1)
        assert [each["Subject"] for each in mail.mails] == ["【警告】VIN1 车辆离线"]
        assert mail.to == ["ops@example.com"]

    def test_a_way_that_is_not_set_up_waits(self, office: Office) -> None:
        office.subscribe(office.channel("email", address="ops@example.com"))
        office.tell(office.alert())
        office.told_after(minutes=1)
        assert office.send().results == Counter(unreachable=1)
        assert office.state() == ("waiting", 1, "unreachable: GUANCHE_SMTP_URL is not set")

    def test_sealed_with_another_key(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        office.conn.execute(
            "UPDATE notification_channels SET target_sealed = %s",
            [SEALING.seal(b"{}", purpose="another")],
        )
        assert office.send().dead == 1
        assert office.state() == ("dead", 1, "refused: sealed with another key")


class TestFails:
    """What fails is tried again, or given up."""

    def test_again_later_until_it_works(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        receiver.answer(503)
        receiver.answer(500)
        results = []
        for _ in range(12):  # two minutes
            results.append(sum(office.send().results.values()))
            office.wait(seconds=10)
        assert sum(results) == 3
        assert results[0] == 1
        assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
        assert len({each.body for each in receiver.received}) == 1
        assert [each[1] for each in attempts(office)] == ["refused", "refused", "sent"]
        assert office.state() == ("sent", 3, None)

    def test_a_receiver_names_its_time(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        receiver.answer(429, Retry_After="600")
        office.send()
        office.wait(seconds=599)
        assert office.send().results == Counter()
        office.wait(seconds=1)
        assert office.send().results == Counter(sent=1)

    def test_refused_for_good(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        receiver.answer(404, b"no such hook")
        assert office.send().dead == 1
        assert office.state() == ("dead", 1, "refused: HTTP 404: no such hook")

    def test_given_up_after_a_day(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        receiver.answers = [(503, {}, b"")] * 100
        dead = 0
        for _ in range(50):
            dead += office.send().dead
            office.wait(hours=1)
        assert dead == 1
        assert 8 < len(receiver.received) <= 30
        assert office.state()[0] == "dead"
        last = office.conn.execute("SELECT max(started_at) FROM notification_attempts").fetchone()
        assert last is not None
        assert last[0] <= NOON + timedelta(hours=24, minutes=2)

    def test_since_when_a_channel_fails(self, office: Office, receiver: HttpReceiver) -> None:
        def failing() -> Any:
            row = office.conn.execute("SELECT failing_since FROM notification_channels").fetchone()
            return row and row[0]

        waiting(office, receiver)
        receiver.answer(503)
        receiver.answer(503)
        began = office.clock
        for _ in range(2):
            office.send()
            office.wait(minutes=2)
            assert failing() == began
        office.send()
        assert failing() is None

    def test_a_channel_that_was_turned_off(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        office.conn.execute("UPDATE notification_channels SET enabled = false")
        assert office.send().dead == 1
        assert receiver.received == []
        assert office.state() == ("dead", 0, "channel_off")

    def test_a_fault_of_a_sender_does_not_stop_the_others(
        self, office: Office, receiver: HttpReceiver
    ) -> None:
        waiting(office, receiver)
        sender = office.sender()

        def broken(_: Outgoing) -> Outcome:
            raise RuntimeError("with a secret in it")

        sent = office.send(office.sender(kinds={**sender.kinds, "webhook": broken}))
        assert sent.results == Counter(unreachable=1)
        assert office.state() == ("waiting", 1, "unreachable: RuntimeError")


class TestQuietHours:
    """What failed before them is tried again after them, unless it may break them."""

    def told_at_night(
        self, office: Office, receiver: HttpReceiver, severity: Severity, **wanted: Any
    ) -> list[str]:
        """Hours of the attempts, in Shanghai; the first is 10 s before ten at night."""
        office.subscribe(office.channel(url=receiver.url(), secret=SECRET), **QUIET | wanted)
        office.wait(hours=9, minutes=58, seconds=50)
        office.tell(office.alert(severity=severity))
        assert len(office.told_after(minutes=1)) == 1
        receiver.answers = [(503, {}, b"")] * 3
        arrived = []
        for _ in range(12 * 60):
            if office.send().results:
                arrived.append((office.clock + timedelta(hours=8)).strftime("%H:%M"))
            office.wait(minutes=1)
        return arrived

    def test_at_their_end(self, office: Office, receiver: HttpReceiver) -> None:
        told = self.told_at_night(office, receiver, "warning")
        assert told[0] == "21:59"
        assert len(told) == 4
        assert [at for at in told[1:] if at < "07:00" or at > "07:10"] == []
        assert office.state() == ("sent", 4, None)

    def test_what_is_critical_breaks_them(self, office: Office, receiver: HttpReceiver) -> None:
        told = self.told_at_night(office, receiver, "critical")
        assert [at for at in told if not "21:59" <= at <= "22:10"] == []
        assert office.state() == ("sent", 4, None)

    def test_unless_it_may_not(self, office: Office, receiver: HttpReceiver) -> None:
        told = self.told_at_night(office, receiver, "critical", critical_anyway=False)
        assert [at >= "07:00" for at in told] == [True] * 4
        assert told[1].startswith("07:0")

    def test_also_if_nobody_was_there_before_them(
        self, office: Office, receiver: HttpReceiver
    ) -> None:
        """Due at half past nine; the senders were down until eleven."""
        office.subscribe(office.channel(url=receiver.url(), secret=SECRET), **QUIET)
        office.wait(hours=9, minutes=28)
        office.tell(office.alert())
        assert len(office.told_after(minutes=1)) == 1
        receiver.answer(503)
        assert office.send().results == Counter(refused=1)
        office.wait(hours=1, minutes=31)
        assert office.send().results == Counter()
        office.wait(hours=7, minutes=59)
        assert office.send().results == Counter()
        office.wait(minutes=1)
        assert office.send().results == Counter(sent=1)

    def test_what_somebody_sends_again_goes_at_any_hour(
        self, office: Office, receiver: HttpReceiver
    ) -> None:
        office.subscribe(office.channel(url=receiver.url(), secret=SECRET), **QUIET)
        office.wait(hours=9, minutes=28)
        office.tell(office.alert())
        office.told_after(minutes=1)
        receiver.answer(404)
        assert office.send().dead == 1
        office.wait(hours=2)
        row = office.conn.execute("SELECT key FROM notification_messages").fetchone()
        assert row is not None
        notify.resend(office.conn, SYSTEM, key=row[0], now=office.clock)
        assert office.send().results == Counter(sent=1)

    def test_who_was_named_is_told_at_any_hour(
        self, office: Office, receiver: HttpReceiver
    ) -> None:
        """An escalation goes to a person, whose subscription does not matter."""
        li = office.person("li", "ops")
        office.channel(actor=li, url=receiver.url(), secret=SECRET)
        office.wait(hours=9, minutes=58, seconds=50)
        office.tell(office.alert(purpose="escalated", to_logins=("li",)))
        assert len(office.told_after(minutes=1)) == 1
        receiver.answer(503)
        office.send()
        office.wait(minutes=2)
        assert office.send().results == Counter(sent=1)


class TestKilled:
    """A sender that dies leaves a claim that runs out."""

    def test_between_sending_and_noting(self, office: Office, receiver: HttpReceiver) -> None:
        waiting(office, receiver)
        real = office.sender()

        def dying(outgoing: Outgoing) -> Outcome:
            real.kinds["webhook"](outgoing)
            raise Dying

        with pytest.raises(Dying):
            office.send(office.sender(kinds={**real.kinds, "webhook": dying}))
        office.conn.rollback()
        assert office.state()[:2] == ("sending", 1)
        assert office.send().results == Counter(), "the claim holds"
        office.wait(seconds=real.claim_s + 1)
        assert office.send().results == Counter(sent=1)
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert attempts(office) == [(1, None, None), (2, "sent", None)], "of the first nobody knows"

    def test_again_and_again(self, office: Office, receiver: HttpReceiver) -> None:
        """Whatever kills its sender is not sent for ever."""
        waiting(office, receiver)

        def dying(_: Outgoing) -> Outcome:
            raise Dying

        sender = office.sender(kinds={"webhook": dying})
        dead = killed = 0
        for _ in range(30):
            try:
                dead += office.send(sender).dead
            except Dying:
                killed += 1
            office.wait(seconds=sender.claim_s + 1)
        assert (killed, dead) == (20, 1)
        assert office.state() == ("dead", 20, "unknown")


class TestMany:
    """Any number of senders share the work."""

    def test_two_at_once_send_once(
        self, office: Office, receiver: HttpReceiver, database_url: str
    ) -> None:
        for _ in range(20):
            office.subscribe(office.channel(url=receiver.url(), secret=SECRET))
        office.tell(office.alert())
        assert len(office.told_after(minutes=1)) == 20
        office.conn.commit()
        totals: list[Counter[str]] = []

        def run() -> None:
            with closing(db.connect(database_url, autocommit=True)) as conn:
                totals.append(send_due(conn, office.sender(), now=lambda: office.clock).results)

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sum(totals, Counter()) == Counter(sent=20)
        assert len({each.headers["webhook-id"] for each in receiver.received}) == 20
        assert len(receiver.received) == 20

    def test_a_slow_channel_does_not_keep_the_others(
        self, office: Office, receiver: HttpReceiver
    ) -> None:
        """Three of a channel at most are on their way at once."""
        slow = office.channel(url=receiver.url("/slow"), secret=SECRET)
        office.subscribe(slow)
        for _ in range(9):
            office.tell(office.alert())
            office.told_after(minutes=1)
        office.subscribe(office.channel(url=receiver.url("/quick"), secret=SECRET))
        office.tell(office.alert())
        office.told_after(minutes=1)
        order: list[str] = []

        def noting(outgoing: Outgoing) -> Outcome:
            order.append(str(outgoing.target["url"]).rpartition("/")[2])
            return Outcome("sent")

        office.send(office.sender(kinds={"webhook": noting}))
        assert sorted(order[:4]) == ["quick", "slow", "slow", "slow"]
        assert Counter(order) == Counter(slow=10, quick=1)
