"""The shipped broker configuration, tried on a real mosquitto.

Who gets in, who may say and hear what, what survives a restart and a revocation. Leaves out the
figures of loss under load: those are in the reliability tests, with ingest in the picture.
"""

import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
import yaml

from ingest.mqtt_client import DROPPED_TOPIC, VERSION_TOPIC
from tests.deploy.shipped_broker import ROOT, ShippedBroker, find_mosquitto, wait_until
from tests.fixtures.services import missing

DEVICES = ("T0001", "T0002", "T0003")
NOT_AUTHORISED = 0x87
INGEST_FILTERS = (
    pytest.param("v1/+/up/#", id="alone"),
    pytest.param("$share/8Wc2fTq1/v1/+/up/#", id="shared"),
)
pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def mosquitto() -> str:
    program = find_mosquitto()
    if program is None or not all(map(shutil.which, ("mosquitto_passwd", "mosquitto_pub"))):
        missing("mosquitto", "mosquitto and its clients are not installed")
    return program


def _running(program: str, folder: Path) -> Iterator[ShippedBroker]:
    broker = ShippedBroker(program, folder)
    broker.prepare()
    for device in DEVICES:
        broker.add(device)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill_and_forget()


@pytest.fixture(scope="module")
def broker(mosquitto: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    """One broker for the tests that leave no trace at it."""
    yield from _running(mosquitto, tmp_path_factory.mktemp("broker"))


@pytest.fixture
def own_broker(mosquitto: str, tmp_path: Path) -> Iterator[ShippedBroker]:
    """A broker for one test alone, which may stop it or change its credentials."""
    yield from _running(mosquitto, tmp_path)


class TestWhoGetsIn:
    def test_nobody_without_a_name_on_either_listener(self, broker: ShippedBroker) -> None:
        with broker.connected(None) as plain:
            assert plain.connack.get_nowait().value == NOT_AUTHORISED
        with broker.connected(None, tls=broker.trusting()) as tls:
            assert tls.connack.get_nowait().value == NOT_AUTHORISED

    @pytest.mark.parametrize(
        ("user", "password"),
        [
            pytest.param("T0001", "wrong", id="wrong password"),
            pytest.param("T0001", "", id="empty password"),
            pytest.param("T9999", "any", id="unknown device"),
            pytest.param("", "any", id="empty name"),
        ],
    )
    def test_nobody_with_a_wrong_credential(
        self, broker: ShippedBroker, user: str, password: str
    ) -> None:
        with broker.connected(user, password=password) as session:
            assert session.connack.get_nowait().value == NOT_AUTHORISED

    def test_a_device_with_its_password_over_tls(self, broker: ShippedBroker) -> None:
        with broker.connected("T0001", tls=broker.trusting()) as session:
            assert session.connack.get_nowait().value == 0
            assert session.publish("v1/T0001/up/telemetry").value in (0x00, 0x10)


class TestTls:
    @pytest.mark.parametrize(
        ("our_authority", "name", "problem"),
        [
            pytest.param(False, "localhost", "unable to get local issuer", id="foreign authority"),
            pytest.param(True, "elsewhere.example.com", "Hostname mismatch", id="other name"),
        ],
    )
    def test_verification_fails_for(
        self, broker: ShippedBroker, our_authority: bool, name: str, problem: str
    ) -> None:
        tls = broker.trusting() if our_authority else ssl.create_default_context()
        with (
            socket.create_connection(("127.0.0.1", broker.tls_port), timeout=5) as raw,
            pytest.raises(ssl.SSLCertVerificationError, match=problem),
        ):
            tls.wrap_socket(raw, server_hostname=name)

    @pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
    def test_verification_succeeds_for_each_name_of_the_certificate(
        self, broker: ShippedBroker, name: str
    ) -> None:
        with (
            socket.create_connection(("127.0.0.1", broker.tls_port), timeout=5) as raw,
            broker.trusting().wrap_socket(raw, server_hostname=name) as secured,
        ):
            assert secured.version() == "TLSv1.3"

    def test_plain_mqtt_on_the_tls_port_gets_no_answer(self, broker: ShippedBroker) -> None:
        connect = bytes.fromhex("100c00044d5154540402003c0000")
        with socket.create_connection(("127.0.0.1", broker.tls_port), timeout=5) as raw:
            raw.sendall(connect)
            try:
                answer = raw.recv(64)
            except ConnectionResetError:
                answer = b""
        assert answer[:1] != b"\x20", "a CONNACK"

    def test_the_user_name_is_the_client_id_so_nobody_takes_over_a_session(
        self, broker: ShippedBroker
    ) -> None:
        with broker.connected("ingest", client_id="guanche-ingest") as ingest:
            ingest.subscribe("v1/+/up/#")
            with broker.connected(
                "T0001", client_id="guanche-ingest", tls=broker.trusting()
            ) as device:
                assert device.connack.get_nowait().value == 0
                device.publish("v1/T0001/up/telemetry", b"still there")
                ingest.hear_until(b"still there")  # retained status messages may come first
            assert ingest.gone.empty()


class TestAccess:
    def test_a_device_speaks_under_its_own_name_only(self, broker: ShippedBroker) -> None:
        violations, allowed = [], 0
        for device in DEVICES:
            foreign = [
                topic
                for other in (*DEVICES, "ingest", "T9999")
                for topic in (
                    *([] if other == device else [f"v1/{other}/up/telemetry"]),
                    *([] if other == device else [f"v1/{other}/up/status"]),
                    f"v1/{other}/down/command",
                )
            ]
            foreign += ["v1/up/telemetry", f"v2/{device}/up/telemetry", f"{device}", "$SYS/x"]
            with broker.connected(device) as session:
                for topic in foreign:
                    if session.publish(topic).value != NOT_AUTHORISED:
                        violations.append((device, topic))
                for kind in ("telemetry", "status", "result"):
                    allowed += session.publish(f"v1/{device}/up/{kind}").value in (0x00, 0x10)
        assert violations == []
        assert allowed == 3 * len(DEVICES)

    @pytest.mark.parametrize(
        "topic_filter",
        ["#", "v1/#", "v1/+/up/#", "v1/+/down/#", "v1/T0002/#", "+/+/down/command", "$SYS/#"],
    )
    def test_a_device_hears_its_own_commands_only(
        self, broker: ShippedBroker, topic_filter: str
    ) -> None:
        heard = {}
        with broker.connected("ingest") as ingest, broker.connected("T0001") as listener:
            listener.subscribe(topic_filter)
            listener.subscribe("v1/T0001/down/command")
            for device in DEVICES[1:]:
                with broker.connected(device) as other:
                    other.publish(f"v1/{device}/up/telemetry", b"secret")
                    other.publish(f"v1/{device}/up/status", b"secret")
                ingest.publish(f"v1/{device}/down/command", b"secret")
            ingest.publish("v1/T0001/down/command", b"last")
            heard = {message.topic for message in listener.hear_until(b"last")}
        assert heard == set()

    def test_no_pair_of_devices_hears_one_another_retained(self, broker: ShippedBroker) -> None:
        for device in DEVICES:
            with broker.connected(device) as session:
                session.publish(f"v1/{device}/up/status", b'{"online": true}', retain=True)
        violations = []
        for device, other in permutations(DEVICES, 2):
            with broker.connected(device) as session, broker.connected("ingest") as ingest:
                session.subscribe(f"v1/{other}/up/status")
                session.subscribe(f"v1/{device}/down/command")
                ingest.publish(f"v1/{device}/down/command", b"last")
                violations += [(device, m.topic) for m in session.hear_until(b"last")]
        assert violations == []

    @pytest.mark.parametrize("topic_filter", INGEST_FILTERS)
    def test_ingest_hears_every_device(self, broker: ShippedBroker, topic_filter: str) -> None:
        with broker.connected("ingest") as ingest:
            assert ingest.subscribe(topic_filter).value == 1
            for device in DEVICES:
                with broker.connected(device) as session:
                    assert session.publish(f"v1/{device}/up/telemetry", b"fresh").value == 0
            heard = []
            while len(heard) < len(DEVICES):
                message = ingest.hear()
                heard += [] if message.retained else [message.topic]
        assert heard == [f"v1/{device}/up/telemetry" for device in DEVICES]

    def test_a_device_that_guesses_at_the_shared_group_draws_nothing(
        self, broker: ShippedBroker
    ) -> None:
        with (
            broker.connected("ingest") as ingest,
            broker.connected("T0002") as guesser,
            broker.connected("T0001") as device,
        ):
            ingest.subscribe("$share/8Wc2fTq1/v1/+/up/#")
            for group in ("guanche", "ingest", "8wc2ftq1"):
                guesser.subscribe(f"$share/{group}/v1/+/up/#")
            for number in range(20):
                device.publish("v1/T0001/up/telemetry", b"%d" % number)
            fresh = []
            while len(fresh) < 20:
                message = ingest.hear()
                fresh += [] if message.retained else [int(message.payload)]
        assert fresh == list(range(20))

    @pytest.mark.parametrize(
        "topic",
        [
            "v1/T0001/up/telemetry",
            "v1/ingest/up/telemetry",
            "v1/monitor/up/telemetry",
            "v1/T0001/down/other",
            "v1/T0001/down",
            "anything",
        ],
    )
    @pytest.mark.parametrize("service", ["ingest", "monitor"])
    def test_services_say_nothing_in_a_vehicles_name(
        self, broker: ShippedBroker, service: str, topic: str
    ) -> None:
        with broker.connected(service) as session:
            assert session.publish(topic).value == NOT_AUTHORISED

    def test_ingest_sends_commands_and_the_monitor_does_not(self, broker: ShippedBroker) -> None:
        with broker.connected("ingest") as ingest, broker.connected("T0001") as device:
            device.subscribe("v1/T0001/down/command")
            assert ingest.publish("v1/T0001/down/command", b"locate").value == 0
            assert device.hear().payload == b"locate"
        with broker.connected("monitor") as monitor:
            assert monitor.publish("v1/T0001/down/command").value == NOT_AUTHORISED

    @pytest.mark.parametrize("service", ["ingest", "monitor"])
    def test_services_hear_how_many_messages_were_dropped(
        self, broker: ShippedBroker, service: str
    ) -> None:
        with broker.connected(service) as session:
            session.subscribe("$SYS/broker/publish/messages/dropped")
            assert int(session.hear().payload) == 0

    @pytest.mark.parametrize("service", ["ingest", "monitor"])
    def test_services_hear_the_version_that_doctor_judges(
        self, broker: ShippedBroker, service: str
    ) -> None:
        with broker.connected(service) as session:
            session.subscribe(VERSION_TOPIC)
            assert session.hear().payload.startswith(b"mosquitto version 2.")

    def test_ingest_hears_nothing_else_of_the_broker(self, broker: ShippedBroker) -> None:
        with broker.connected("ingest") as session:
            session.subscribe("$SYS/#")
            session.subscribe("v1/+/up/end")
            with broker.connected("T0001") as device:
                device.publish("v1/T0001/up/end", b"end")
            told = {message.topic for message in session.hear_until(b"end")}
        assert told == {VERSION_TOPIC, DROPPED_TOPIC}


class TestHealthCheck:
    COMMAND = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"][
        "mosquitto"
    ]["healthcheck"]["test"][1]

    def check(self, port: int) -> int:
        command = self.COMMAND.replace("mosquitto_pub", f"mosquitto_pub -p {port}")
        return subprocess.run(command, shell=True, check=False, timeout=10).returncode

    def test_a_broker_that_refuses_strangers_is_healthy(self, broker: ShippedBroker) -> None:
        assert self.check(broker.plain_port) == 0

    def test_one_that_is_gone_is_not(self, own_broker: ShippedBroker) -> None:
        own_broker.stop()
        assert self.check(own_broker.plain_port) == 1


class TestSizes:
    @pytest.mark.parametrize(
        "size", [256 * 1024, 256 * 1024 + 1, 4 * 1024 * 1024], ids=["limit", "above", "4 MiB"]
    )
    def test_an_oversized_message_still_reaches_ingest(
        self, broker: ShippedBroker, size: int
    ) -> None:
        with broker.connected("ingest") as ingest, broker.connected("T0001") as device:
            ingest.subscribe("v1/+/up/telemetry")
            assert device.publish("v1/T0001/up/telemetry", b"x" * size).value == 0
            assert len(ingest.hear().payload) == size

    def test_far_more_than_that_ends_the_connection(self, broker: ShippedBroker) -> None:
        with broker.connected("T0001") as device:
            device.client.publish("v1/T0001/up/telemetry", b"x" * 5 * 1024 * 1024, qos=1)
            assert device.gone.get(timeout=10).is_failure
            assert device.pubacks == {}


class TestPersistence:
    def test_a_session_keeps_queueing_while_away_and_after_a_restart(
        self, own_broker: ShippedBroker
    ) -> None:
        lasting = {
            "client_id": "guanche-ingest", "clean_start": False, "session_expiry_s": 600,
        }  # fmt: skip
        with own_broker.connected("ingest", **lasting) as ingest:  # type: ignore[arg-type]
            ingest.subscribe("v1/+/up/#")
        with own_broker.connected("T0001") as device:
            device.publish("v1/T0001/up/telemetry", b"before the restart")
        own_broker.stop(signal.SIGTERM)
        own_broker.start()
        with own_broker.connected("T0001") as device:
            assert device.publish("v1/T0001/up/telemetry", b"after it").value == 0
        with own_broker.connected("ingest", **lasting) as ingest:  # type: ignore[arg-type]
            assert [ingest.hear().payload for _ in range(2)] == [b"before the restart", b"after it"]

    def test_more_waits_than_the_thousand_messages_of_the_default(
        self, own_broker: ShippedBroker
    ) -> None:
        with own_broker.connected(
            "ingest", client_id="guanche-ingest", session_expiry_s=600
        ) as ingest:
            ingest.subscribe("v1/+/up/#")
        count = 25_000  # beyond max_inflight_messages too
        with own_broker.connected("T0001") as device:
            for number in range(count):
                device.client.publish("v1/T0001/up/telemetry", b"%d" % number, qos=1)
            wait_until(lambda: len(device.pubacks) == count, "every message acknowledged")
        with own_broker.connected(
            "ingest", client_id="guanche-ingest", clean_start=False, session_expiry_s=600
        ) as ingest:
            heard = [int(ingest.hear().payload) for _ in range(count)]
        assert heard == list(range(count))


class TestCredentials:
    def test_revoking_puts_off_a_connected_device_and_keeps_it_out(
        self, own_broker: ShippedBroker
    ) -> None:
        with own_broker.connected("T0001") as revoked, own_broker.connected("T0002") as other:
            own_broker.script("add-device.sh", "--revoke", "T0001")
            assert revoked.gone.get(timeout=10).is_failure
            assert other.publish("v1/T0002/up/telemetry").value in (0x00, 0x10)
            assert other.gone.empty()
        with own_broker.connected("T0001") as again:
            assert again.connack.get_nowait().value == NOT_AUTHORISED

    def test_a_device_added_while_the_broker_runs_may_connect(
        self, own_broker: ShippedBroker
    ) -> None:
        own_broker.add("T0100")
        wait_until(lambda: self._accepted(own_broker, "T0100"), "the reload")

    def test_a_replaced_password_ends_the_old_one(self, own_broker: ShippedBroker) -> None:
        old = own_broker.passwords["T0001"]
        own_broker.add("--replace", "T0001")
        assert own_broker.passwords["T0001"] != old
        wait_until(lambda: self._accepted(own_broker, "T0001"), "the reload")
        with own_broker.connected("T0001", password=old) as session:
            assert session.connack.get_nowait().value == NOT_AUTHORISED

    @staticmethod
    def _accepted(broker: ShippedBroker, user: str) -> bool:
        with broker.connected(user) as session:
            return bool(session.connack.get_nowait().value == 0)

    def test_client_certificates_name_the_device(self, own_broker: ShippedBroker) -> None:
        own_broker.stop()
        own_broker.make_certs("--client", "T0001", check=True)
        conf = own_broker.folder / "config" / "mosquitto.conf"
        text = conf.read_text(encoding="utf-8")
        for option in ("cafile", "require_certificate", "use_identity_as_username"):
            assert f"\n#{option} " in text
            text = text.replace(f"\n#{option} ", f"\n{option} ")
        conf.write_text(text, encoding="utf-8")
        own_broker.start()
        certs = own_broker.folder / "certs"
        tls = own_broker.trusting()
        tls.load_cert_chain(certs / "T0001.crt", certs / "T0001.key")
        with own_broker.connected(None, tls=tls) as session:
            assert session.connack.get_nowait().value == 0
            assert session.publish("v1/T0001/up/telemetry").value in (0x00, 0x10)
            assert session.publish("v1/T0002/up/telemetry").value == NOT_AUTHORISED
