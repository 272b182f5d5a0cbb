"""The publisher against a real broker: nothing is counted twice, nothing forgotten."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from guanche import embedded
from kit import clock
from kit.errors import Invalid
from schemas.topics import status_topic, telemetry_topic
from simulators.ack_log import AckLog, ack_line, read_ack_log
from simulators.broker_url import parse_broker_url
from simulators.publisher import BrokerUnreachable, DeviceLogin, LoginRefused, Publisher
from tests.fixtures.services import missing

PATIENCE_S = 30.0
DEVICE = "SIM000001"
TOPIC = telemetry_topic(DEVICE)


class Listener:
    """A paho subscriber that keeps what it hears."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False
        )
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(PATIENCE_S)

    def _on_connect(self, client: mqtt.Client, *_rest: Any) -> None:
        client.subscribe("v1/+/up/#", qos=1)

    def _on_subscribe(self, *_rest: Any) -> None:
        self._ready.set()

    def _on_message(self, _client: mqtt.Client, _kept: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))

    def payloads(self, topic: str = TOPIC) -> list[bytes]:
        return [payload for heard, payload, _ in self.heard if heard == topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listening(broker: embedded.Broker) -> Iterator[Listener]:
    listener = Listener(broker.port)
    try:
        yield listener
    finally:
        listener.close()


def await_that(condition: Callable[[], bool], *, publisher: Publisher | None = None) -> None:
    """Wait until it holds, and meanwhile let the publisher work."""
    give_up_s = clock.monotonic() + PATIENCE_S
    while not condition():
        assert clock.monotonic() < give_up_s, "waited in vain"
        if publisher is None:
            clock.sleep(0.02)
        else:
            publisher.poll(0.02)


def keys_of(numbers: range) -> list[bytes]:
    return [ack_line(DEVICE, 1_000 + number, number) for number in numbers]


def test_what_is_acknowledged_is_what_arrives(broker: embedded.Broker, tmp_path: Path) -> None:
    payloads = [b'{"ts":%d,"seq":%d}' % (1_000 + n, n) for n in range(5_000)]
    with listening(broker) as listener, AckLog(tmp_path / "acks.tsv") as log:
        with Publisher(broker.url, connections=3, window=50, ack_log=log) as publisher:
            publisher.open()
            for payload, key in zip(payloads, keys_of(range(5_000)), strict=True):
                publisher.publish(DEVICE, TOPIC, payload, key)
            assert publisher.drain(PATIENCE_S) == 0
            statistics = publisher.statistics
        await_that(lambda: len(listener.heard) >= 5_000)
        assert listener.payloads() == payloads
    assert (statistics.published, statistics.acknowledged) == (5_000, 5_000)
    assert (statistics.reconnects, statistics.retransmitted) == (0, 0)
    assert [sample.seq for sample in read_ack_log(log.path)] == list(range(5_000))


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_a_broker_that_dies_in_the_middle_gets_everything_in_the_end(
    broker: embedded.Broker, tmp_path: Path, ending: str
) -> None:
    count = 3_000
    with (
        AckLog(tmp_path / "acks.tsv") as log,
        Publisher(broker.url, connections=2, window=400, ack_log=log) as publisher,
    ):
        publisher.open()
        for number, key in enumerate(keys_of(range(count))):
            device_id = f"SIM{number % 10:06d}"
            if number == 800:
                assert publisher.drain(PATIENCE_S) == 0
            elif number == 950:
                publisher.poll()  # sent, and mostly not yet acknowledged
            elif number == 1_000:
                getattr(broker, ending)()
            elif number == 1_200:
                await_that(lambda: publisher.trouble != "", publisher=publisher)
            elif number == 1_300:
                broker.start()
            publisher.publish(device_id, telemetry_topic(device_id), b"x" * 300, key)
        assert publisher.drain(PATIENCE_S) == 0
        statistics = publisher.statistics
    assert (statistics.published, statistics.acknowledged) == (count, count)
    assert statistics.reconnects == 2
    assert statistics.retransmitted > 0
    assert sorted(sample.seq for sample in read_ack_log(log.path)) == list(range(count))


def test_messages_for_a_broker_that_is_away_wait_and_arrive(broker: embedded.Broker) -> None:
    broker.stop()
    with Publisher(broker.url, connections=1) as publisher:
        for number in range(100):
            publisher.publish(DEVICE, TOPIC, b"%d" % number)
        publisher.poll(0.05)
        assert publisher.trouble == "Connection refused"
        broker.start()
        with listening(broker) as listener:
            assert publisher.drain(PATIENCE_S) == 0
            await_that(lambda: len(listener.heard) >= 100)
            assert listener.payloads() == [b"%d" % number for number in range(100)]
        # They were never sent before: none is a repetition.
        assert publisher.statistics.retransmitted == 0


def test_a_frozen_broker_is_noticed_by_its_silence(broker: embedded.Broker) -> None:
    with Publisher(broker.url, connections=1, keepalive_s=1) as publisher:
        publisher.open()
        broker.freeze()
        try:
            publisher.publish(DEVICE, TOPIC, b"x")
            await_that(lambda: publisher.trouble != "", publisher=publisher)
            assert publisher.trouble == "silent for 1 s"
        finally:
            broker.thaw()
        assert publisher.drain(PATIENCE_S) == 0
        assert publisher.statistics.acknowledged == 1


def test_an_idle_connection_is_kept_alive(broker: embedded.Broker) -> None:
    with Publisher(broker.url, connections=1, keepalive_s=1) as publisher:
        publisher.open()
        until_s = clock.monotonic() + 2.5  # mosquitto drops a client after 1.5 × the keep-alive
        await_that(lambda: clock.monotonic() > until_s, publisher=publisher)
        publisher.publish(DEVICE, TOPIC, b"x")
        assert publisher.drain(PATIENCE_S) == 0
        assert publisher.statistics.reconnects == 0


def test_devices_with_own_connections_say_that_they_come_and_go(broker: embedded.Broker) -> None:
    logins = [DeviceLogin("SIM000001"), DeviceLogin("SIM000002")]
    with listening(broker) as listener:
        with Publisher(broker.url, devices=logins) as publisher:
            publisher.open()
            publisher.publish("SIM000002", telemetry_topic("SIM000002"), b"x")
            assert publisher.drain(PATIENCE_S) == 0
        await_that(lambda: len(listener.heard) >= 5)
    for device_id in ("SIM000001", "SIM000002"):
        said = [json.loads(payload) for payload in listener.payloads(status_topic(device_id))]
        assert [status["online"] for status in said] == [True, False]
        assert all(abs(status["at"] - clock.now_us() // 1_000) < 60_000 for status in said)
    assert publisher.statistics.acknowledged == 1


def test_the_last_will_speaks_when_a_device_falls_silent(broker: embedded.Broker) -> None:
    with listening(broker) as listener:
        publisher = Publisher(broker.url, devices=[DeviceLogin(DEVICE)])
        publisher.open()
        assert publisher.drain(PATIENCE_S) == 0
        for key in list(publisher._selector.get_map().values()):
            key.data._drop_socket()  # as a power cut does: without a good-bye
        await_that(lambda: len(listener.payloads(status_topic(DEVICE))) >= 2)
        publisher.close()
    online, will = listener.payloads(status_topic(DEVICE))
    assert json.loads(online)["online"] is True
    assert json.loads(will) == {"online": False}


def test_a_gateway_announces_its_devices_with_retained_status(broker: embedded.Broker) -> None:
    with Publisher(broker.url, connections=1) as publisher:
        publisher.open()
        publisher.announce(DEVICE, online=True)
        assert publisher.drain(PATIENCE_S) == 0
        assert publisher.statistics.published == 0
    with listening(broker) as late_comer:
        await_that(lambda: len(late_comer.heard) >= 1)
        ((topic, payload, retained),) = late_comer.heard
    assert (topic, json.loads(payload)["online"], retained) == (status_topic(DEVICE), True, True)


def test_an_unlisted_device_has_no_connection(broker: embedded.Broker) -> None:
    with (
        Publisher(broker.url, devices=[DeviceLogin(DEVICE)]) as publisher,
        pytest.raises(Invalid, match="SIM000009 has no connection"),
    ):
        publisher.publish("SIM000009", TOPIC, b"x")


def test_no_broker_is_told_with_its_address(unused_port: int) -> None:
    with (
        Publisher(f"mqtt://127.0.0.1:{unused_port}") as publisher,
        pytest.raises(
            BrokerUnreachable, match=f"no broker at 127.0.0.1:{unused_port}: Connection refused"
        ),
    ):
        publisher.open(timeout_s=0.3)


def test_a_full_window_without_a_broker_ends_in_an_error(unused_port: int) -> None:
    with Publisher(f"mqtt://127.0.0.1:{unused_port}", connections=1, window=2) as publisher:
        for _ in range(2):
            publisher.publish(DEVICE, TOPIC, b"x")
        assert publisher.has_room(DEVICE) is False
        with pytest.raises(BrokerUnreachable, match="takes no more: Connection refused"):
            publisher.publish(DEVICE, TOPIC, b"x", wait_s=0.3)
        assert publisher.statistics.published == 2


@contextmanager
def special_broker(folder: Path, config_extra: str) -> Iterator[embedded.Broker]:
    if embedded.find_mosquitto() is None:
        missing("mosquitto", "mosquitto is not installed")
    with embedded.mosquitto_broker(folder, config_extra=config_extra) as running:
        yield running


@pytest.mark.parametrize("login", ["", "SIM000001:wrong@"])
def test_a_refused_user_is_told(tmp_path: Path, login: str) -> None:
    (tmp_path / "passwords").write_text("", encoding="utf-8")
    extra = f"allow_anonymous false\npassword_file {tmp_path / 'passwords'}\n"
    with special_broker(tmp_path / "broker", extra) as broker:
        url = f"mqtt://{login}{broker.host}:{broker.port}"
        with (
            Publisher(url) as publisher,
            pytest.raises(LoginRefused, match=f"{broker.port}: the broker .* of"),
        ):
            publisher.open()


def test_tls_with_our_own_authority(tmp_path: Path, unused_port: int) -> None:
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    try:
        subprocess.run([*openssl, *subject, *files], check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl", "openssl is not installed")
    extra = (
        f"listener {unused_port} 127.0.0.1\n"
        f"certfile {tmp_path / 'cert.pem'}\nkeyfile {tmp_path / 'key.pem'}\n"
    )
    with special_broker(tmp_path / "broker", extra) as broker, listening(broker) as listener:
        url = f"mqtts://127.0.0.1:{unused_port}"
        ours = parse_broker_url(url, ca_file=tmp_path / "cert.pem")
        with Publisher(ours, connections=2) as publisher:
            publisher.open()
            for number in range(2_000):
                publisher.publish(DEVICE, TOPIC, b"%d" % number + b"x" * 500)
            assert publisher.drain(PATIENCE_S) == 0
        await_that(lambda: len(listener.heard) >= 2_000)
        assert [int(p.split(b"x")[0]) for p in listener.payloads()] == list(range(2_000))
        with (
            Publisher(url) as stranger,
            pytest.raises(BrokerUnreachable, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            stranger.open(timeout_s=0.5)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("mqtt://broker", ("broker", 1883, None, None), id="default port"),
        pytest.param("mqtts://broker", ("broker", 8883, None, None), id="default port of TLS"),
        pytest.param("mqtt://u:p@h:1", ("h", 1, "u", "p"), id="user and password"),
        pytest.param("mqtt://u%40x:p%2F@h", ("h", 1883, "u@x", "p/"), id="escaped characters"),
        pytest.param("mqtt://u@h", ("h", 1883, "u", None), id="user alone"),
        pytest.param("mqtt://[::1]:5", ("::1", 5, None, None), id="IPv6"),
    ],
)
def test_broker_urls(url: str, expected: tuple[str, int, str | None, str | None]) -> None:
    broker = parse_broker_url(url)
    assert (broker.host, broker.port, broker.username, broker.password) == expected
    assert (broker.tls is not None) is url.startswith("mqtts")


@pytest.mark.parametrize(
    "url",
    ["http://broker", "broker:1883", "mqtt://", "mqtt://h:port", "mqtt://h:99999"],
)
def test_wrong_urls_are_refused_without_showing_secrets(url: str) -> None:
    with pytest.raises(Invalid, match="the broker's URL"):
        parse_broker_url(url)


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"gone\.pem: No such file"):
        parse_broker_url("mqtts://h", ca_file=tmp_path / "gone.pem")


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [({"window": 0}, "a window of 0"), ({"window": 60_001}, "60001"), ({"connections": 0}, "0 c")],
)
def test_impossible_publishers_are_refused(wanted: dict[str, int], problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        Publisher("mqtt://127.0.0.1", **wanted)  # type: ignore[arg-type]
