"""Messages are acknowledged after COMMIT, in receive order, on the connection they came on."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from guanche import embedded
from ingest.delivery import Delivery
from ingest.inbox import Inbox
from ingest.subscriber import Subscriber
from kit import db
from kit.settings import Settings
from tests.reliability.figures import report
from tests.reliability.forms import on_one_storage
from tests.reliability.process import wait_until
from tests.reliability.rig import Rig
from tests.reliability.tally import count_rows
from tests.reliability.traffic import Message, Traffic, live
from tests.reliability.wiretap import Wiretap

pytestmark = pytest.mark.reliability


@pytest.mark.parametrize("locked", ["telemetry", "vehicle_state", "ingest_rejects"])
@on_one_storage
def test_nothing_is_acknowledged_that_is_not_committed(rig: Rig, locked: str) -> None:
    ingest = rig.ingest(mqtt_url=rig.tap.url, slot_lease_s=1)
    ingest.start().wait_ready()
    refused = Message(rig.devices[0], f"v1/{rig.devices[0]}/up/nonsense", b"{}", b"")
    with closing(db.connect(rig.database_url)) as other:
        other.execute(f"LOCK TABLE {locked} IN EXCLUSIVE MODE")
        rig.publish([*live(rig.devices, 50), refused]).finish()
        wait_until(lambda: rig.tap.delivered == 51, within_s=5, what="51 messages are delivered")
        _wait_blocked(other)
        assert (rig.tap.acknowledged, count_rows(rig.conn)) == (0, 0)

        ingest.kill()
        ingest.start()
        wait_until(lambda: rig.tap.delivered == 102, within_s=10, what="51 are delivered again")
        _wait_blocked(other)
        assert (rig.tap.redelivered, rig.tap.acknowledged) == (51, 0)
        other.rollback()
    wait_until(lambda: rig.tap.acknowledged == 51, within_s=5, what="51 are acknowledged")
    assert rig.tally() == (50, 50, 0, 0, 0, {"bad_topic": 1})


def _wait_blocked(conn: Connection[Any]) -> None:
    """Wait until another session waits for a lock."""
    wait_until(
        lambda: (
            conn.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted").fetchone()
            == (True,)
        ),
        within_s=5,
        what="ingest waits for the lock",
    )


@on_one_storage
def test_acknowledgements_leave_in_receive_order_whatever_is_cut(rig: Rig) -> None:
    ingest = rig.ingest(
        mqtt_url=rig.tap.url, batch_messages=100, mqtt_receive_maximum=1_000, batch_ms=20
    )
    ingest.start().wait_ready()
    traffic = rig.publish(live(rig.devices, 6_000), rate=2_000)
    for connections in (1, 2, 3):
        wait_until(
            lambda n=connections: (
                len(rig.tap.conversations) == n  # type: ignore[misc]
                and len(rig.tap.conversations[-1].acknowledged) > 300
            ),
            within_s=10,
            what="ingest acknowledges on a new connection",
        )
        rig.tap.cut()
    traffic.finish()
    rig.wait_stored(6_000)
    wait_until(
        lambda: len((last := rig.tap.conversations[-1]).delivered) == len(last.acknowledged),
        within_s=10,
        what="everything is acknowledged",
    )
    report(
        "acknowledgements",
        connections=len(rig.tap.conversations),
        delivered=rig.tap.delivered,
        redelivered=rig.tap.redelivered,
        out_of_order=0,
    )
    assert len(rig.tap.conversations) == 4
    for heard in rig.tap.conversations:
        assert heard.acknowledged == heard.delivered[: len(heard.acknowledged)]
    assert rig.tally() == (6_000, 6_000, 0, 0, 0, {})
    assert ingest.running


class Basket(Inbox):
    """An inbox that the test empties, in place of the writers."""

    def __init__(self) -> None:
        self.kept: list[Delivery] = []

    def put(self, delivery: Delivery) -> None:
        self.kept.append(delivery)

    def has_room(self, *, wait_s: float) -> bool:
        return True


class Listener:
    """Our subscriber and what it was delivered."""

    def __init__(self, url: str, *, bulk: bool) -> None:
        settings = Settings(mqtt_url=url, _env_file=None)
        self._basket = Basket()
        self.subscriber = Subscriber(settings, self._basket, slot=0, bulk=bulk)

    def take(self, messages: int) -> list[Delivery]:
        """Wait for so many messages and take them out."""
        wait_until(
            lambda: sum(len(each.publishes) for each in self._basket.kept) >= messages,
            within_s=10,
            what=f"{messages} messages come",
        )
        taken, self._basket.kept = self._basket.kept, []
        return taken

    def ack(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self.subscriber.ack(delivery)


@contextmanager
def listening(tap: Wiretap, *, bulk: bool) -> Iterator[Listener]:
    """A subscriber on the fixed client id, disconnected at the end."""
    listener = Listener(tap.url, bulk=bulk)
    listener.subscriber.start()
    try:
        wait_until(lambda: listener.subscriber.connected, within_s=10, what="it is subscribed")
        yield listener
    finally:
        listener.subscriber.stop()


@pytest.fixture
def tap(broker: embedded.Broker) -> Iterator[Wiretap]:
    """A proxy before the broker, without a database behind."""
    with Wiretap(broker.url) as wiretap:
        yield wiretap


def _publish(broker: embedded.Broker, folder: Path, count: int, *, first_seq: int = 0) -> None:
    """Publish samples of one vehicle and wait until the broker has them."""
    messages = live(["T1"], count, first_seq=first_seq)
    with closing(Traffic(broker.url, messages, ack_log=folder / "acked.log")) as traffic:
        traffic.finish()


READERS = pytest.mark.parametrize("bulk", [True, False], ids=["our reader", "paho's own reader"])


@READERS
def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(
    broker: embedded.Broker, tap: Wiretap, tmp_path: Path, bulk: bool
) -> None:
    with listening(tap, bulk=bulk) as first:
        _publish(broker, tmp_path, 10)
        ours = first.take(10)
        ids = [publish for delivery in ours for publish in delivery.publishes]
        half = Delivery(ids[:4], 0, ours[0].generation)
        first.subscriber.ack(half)
        wait_until(lambda: tap.acknowledged == 4, within_s=5, what="four are acknowledged")
    with listening(tap, bulk=bulk) as second:
        again = [publish for delivery in second.take(6) for publish in delivery.publishes]
        assert [payload for _, payload, _, _ in again] == [payload for _, payload, _, _ in ids[4:]]
        assert tap.conversations[-1].redelivered == 6


@READERS
def test_acknowledgements_of_an_earlier_connection_are_not_sent(
    broker: embedded.Broker, tap: Wiretap, tmp_path: Path, bulk: bool
) -> None:
    with listening(tap, bulk=bulk) as listener:
        _publish(broker, tmp_path, 10)
        stale = listener.take(10)
        tap.cut()
        listener.take(10)
        listener.ack(stale)
        # A message after the stale acknowledgements: whatever was queued before it has gone out.
        _publish(broker, tmp_path, 1, first_seq=10)
        listener.ack(listener.take(1))
        wait_until(lambda: tap.acknowledged >= 1, within_s=5, what="the last is acknowledged")
        assert tap.acknowledged == 1
    with listening(tap, bulk=bulk) as later:
        assert sum(len(delivery.publishes) for delivery in later.take(10)) == 10
