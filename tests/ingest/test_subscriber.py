"""The up-link against a real broker: what is not acknowledged comes again."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from guanche.embedded import Broker, find_mosquitto
from ingest.delivery import Delivery
from ingest.inbox import Inbox
from ingest.mqtt_client import probe_broker
from ingest.subscriber import Subscriber
from kit import clock
from tests.deploy.shipped_broker import ShippedBroker
from tests.fixtures.services import missing

from .conftest import DEADLINE_S, make_inbox, settings_for, wait_until

SHARED: dict[str, Any] = {"ingest_slots": 2, "mqtt_share_group": "a0b1c2d3e4f5a6b7"}


class UpLink:
    """A running subscriber and what it brought."""

    def __init__(self, subscriber: Subscriber, inbox: Inbox) -> None:
        self.subscriber = subscriber
        self._inbox = inbox

    @property
    def waiting(self) -> int:
        return self._inbox.messages

    def receive(self, count: int) -> list[Delivery]:
        """So many messages at least, each as a delivery of its own."""
        singles: list[Delivery] = []
        until = clock.monotonic() + DEADLINE_S
        while len(singles) < count:
            assert clock.monotonic() < until, f"{len(singles)} of {count} messages"
            for delivery in self._inbox.take(
                max_messages=1, max_bytes=1, max_wait_s=0, idle_wait_s=0.1
            ):
                singles += [delivery._replace(publishes=[one]) for one in delivery.publishes]
        return singles


@contextmanager
def up_link(
    broker_url: str, *, slot: int = 0, bulk: bool = True, **values: Any
) -> Iterator[UpLink]:
    settings = settings_for(mqtt_url=broker_url, **values)
    inbox = make_inbox(settings)
    subscriber = Subscriber(settings, inbox, slot=slot, bulk=bulk)
    subscriber.start()
    try:
        wait_until(lambda: subscriber.connected, "subscribed")
        yield UpLink(subscriber, inbox)
    finally:
        subscriber.stop()
        assert not subscriber.alive


class Devices:
    """Publishes as devices do."""

    def __init__(self, broker: Broker) -> None:
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def send(
        self, payload: str, *, topic: str = "v1/T1/up/telemetry", retain: bool = False
    ) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def devices(broker: Broker) -> Iterator[Devices]:
    devices = Devices(broker)
    yield devices
    devices.close()


def payloads(deliveries: list[Delivery]) -> list[str]:
    return [payload.decode() for delivery in deliveries for _, payload, _, _ in delivery.publishes]


PROTOCOLS = pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="MQTT 5"),
        pytest.param({"mqtt_version": "3.1.1"}, id="MQTT 3.1.1"),
        pytest.param({"bulk": False}, id="MQTT 5, plain paho"),
        pytest.param({"bulk": False, "mqtt_version": "3.1.1"}, id="MQTT 3.1.1, plain paho"),
    ],
)


@PROTOCOLS
def test_only_what_was_not_acknowledged_comes_again(
    broker: Broker, devices: Devices, how: dict[str, Any]
) -> None:
    with up_link(broker.url, **how) as link:
        for number in range(10):
            devices.send(str(number))
        brought = link.receive(10)
        assert payloads(brought) == [str(number) for number in range(10)]
        assert {delivery.publishes[0][0] for delivery in brought} == {b"v1/T1/up/telemetry"}
        for delivery in brought[:4]:
            link.subscriber.ack(delivery)
    devices.send("while away")
    with up_link(broker.url, **how) as link:
        again = link.receive(7)
        assert payloads(again) == ["4", "5", "6", "7", "8", "9", "while away"]
        for delivery in again:
            link.subscriber.ack(delivery)
    with up_link(broker.url, **how) as link:
        devices.send("last")
        assert payloads(link.receive(1)) == ["last"]
        assert link.waiting == 0


def test_no_more_than_the_receive_maximum_is_under_way(broker: Broker, devices: Devices) -> None:
    """Until the first acknowledgement; mosquitto 2.0.11 then forgets the limit."""
    limits: dict[str, Any] = {"mqtt_receive_maximum": 20, "batch_messages": 10}
    with up_link(broker.url, **limits) as link, up_link(broker.url, mqtt_client_id="all") as other:
        for number in range(50):
            devices.send(str(number))
        assert len(other.receive(50)) == 50
        brought = link.receive(20)
        assert link.waiting == 0
        for delivery in brought:
            link.subscriber.ack(delivery)
        followed = link.receive(20)[:20]
        assert payloads(brought + followed) == [str(number) for number in range(40)]


@PROTOCOLS
def test_an_acknowledgement_of_a_former_connection_is_void(
    broker: Broker, devices: Devices, how: dict[str, Any]
) -> None:
    with up_link(broker.url, **how) as link:
        devices.send("a")
        devices.send("b")
        former = link.receive(2)
        present = link.subscriber._client.socket()
        assert isinstance(present, socket.socket)
        present.shutdown(socket.SHUT_RDWR)
        again = link.receive(2)
        assert payloads(again) == ["a", "b"]
        assert {d.generation for d in former}.isdisjoint({d.generation for d in again})
        wait_until(lambda: link.subscriber.connected, "subscribed again")
        for delivery in former:
            link.subscriber.ack(delivery)
        link.subscriber.ack(again[0])
        assert link.subscriber.connections == 2
    with up_link(broker.url, **how) as link:
        assert payloads(link.receive(1)) == ["b"]


def test_a_retained_status_comes_once_and_marked(broker: Broker, devices: Devices) -> None:
    topic = "v1/T1/up/status"
    devices.send("kept", topic=topic, retain=True)
    with up_link(broker.url) as link:
        [kept] = link.receive(1)
        assert kept.publishes[0][:3] == (topic.encode(), b"kept", True)
        link.subscriber.ack(kept)
        devices.send("live", topic=topic, retain=True)
        [live] = link.receive(1)
        assert live.publishes[0][:3] == (topic.encode(), b"live", False)
        link.subscriber.ack(live)
    with up_link(broker.url) as link:
        devices.send("after")
        assert payloads(link.receive(1)) == ["after"]


def test_qos_0_is_received_and_needs_no_acknowledgement(broker: Broker, devices: Devices) -> None:
    with up_link(broker.url) as link:
        devices.client.publish("v1/T1/up/telemetry", "zero", qos=0)
        [delivery] = link.receive(1)
        assert delivery.publishes == [(b"v1/T1/up/telemetry", b"zero", False, 0)]
        link.subscriber.ack(delivery)
        devices.send("one")
        assert payloads(link.receive(1)) == ["one"]


@pytest.mark.parametrize("size", [0, 127, 128, 16_384, 300_000])
def test_payloads_of_any_size(broker: Broker, devices: Devices, size: int) -> None:
    with up_link(broker.url) as link:
        devices.send("x" * size)
        devices.send("end")
        assert payloads(link.receive(2)) == ["x" * size, "end"]


def test_two_slots_share_the_messages(broker: Broker, devices: Devices) -> None:
    with ExitStack() as stack:
        links = [stack.enter_context(up_link(broker.url, slot=slot, **SHARED)) for slot in (0, 1)]
        assert [link.subscriber.client_id for link in links] == [
            "guanche-ingest",
            "guanche-ingest-1",
        ]
        sent = [str(number) for number in range(40)]
        for payload in sent:
            devices.send(payload)
        wait_until(lambda: sum(link.waiting for link in links) == 40, "all 40 are there")
        shares = [payloads(link.receive(link.waiting)) for link in links]
        assert sorted(shares[0] + shares[1], key=int) == sent
        assert min(map(len, shares)) > 0


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[ShippedBroker]:
    """A broker as it is shipped: passwords, access control, TLS."""
    program = find_mosquitto()
    if program is None:
        missing("mosquitto", "mosquitto is not installed")
    broker = ShippedBroker(str(program), tmp_path)
    broker.prepare()
    broker.add("T1")
    broker.start()
    yield broker
    broker.kill_and_forget()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_with_password_and_tls(shipped: ShippedBroker, version: str) -> None:
    url = f"mqtts://ingest:{shipped.passwords['ingest']}@localhost:{shipped.tls_port}"
    ca_file = shipped.folder / "certs" / "ca.crt"
    with up_link(url, mqtt_ca_file=ca_file, mqtt_version=version) as link:
        with shipped.connected("T1") as device:
            for payload in (b"a", b"b" * 100_000, b"c"):
                device.publish("v1/T1/up/telemetry", payload)
        brought = link.receive(3)
        assert payloads(brought) == ["a", "b" * 100_000, "c"]
        for delivery in brought:
            link.subscriber.ack(delivery)
    probe = probe_broker(settings_for(mqtt_url=url, mqtt_ca_file=ca_file))
    assert (probe.reachable, probe.accepted, probe.error) == (True, True, None)


def test_with_a_wrong_password(shipped: ShippedBroker) -> None:
    url = f"mqtt://ingest:wrong@127.0.0.1:{shipped.plain_port}"
    probe = probe_broker(settings_for(mqtt_url=url))
    assert (probe.reachable, probe.accepted) == (True, False)


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_with_an_authority_nobody_knows(shipped: ShippedBroker) -> None:
    url = f"mqtts://ingest:{shipped.passwords['ingest']}@localhost:{shipped.tls_port}"
    probe = probe_broker(settings_for(mqtt_url=url))
    assert (probe.reachable, probe.accepted) == (False, False)
    assert probe.error is not None
    assert "certificate" in probe.error.lower()
