"""add-device.sh and make-certs.sh by themselves, and the numbers of mosquitto.conf.

What the broker makes of them is in test_broker.py; the roles of the database are in test_roles.py.
"""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.services import missing

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MOSQUITTO = DEPLOY / "mosquitto"
CONF = dict(
    re.findall(r"(?m)^(\w+) (.+)$", (MOSQUITTO / "mosquitto.conf").read_text(encoding="utf-8"))
)


def run(script: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(MOSQUITTO / script), *arguments],
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "PASSWORD_FILE": str(folder / "passwords"),
            "PID_FILE": "",
            "CERTS_DIR": str(folder / "certs"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def names_in(folder: Path) -> list[str]:
    lines = (folder / "passwords").read_text(encoding="utf-8").splitlines()
    return [line.split(":")[0] for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the credentials of T1, T10 and ingest."""
    if shutil.which("mosquitto_passwd") is None:
        missing("mosquitto", "mosquitto_passwd is not installed")
    for arguments in (["T1"], ["T10"], ["--service", "ingest"]):
        assert run("add-device.sh", *arguments, folder=tmp_path).returncode == 0
    return tmp_path


class TestAddDevice:
    def test_prints_a_long_password_and_keeps_only_its_hash(self, folder: Path) -> None:
        shown = run("add-device.sh", "T2", folder=folder).stdout
        assert re.fullmatch(r"[A-Za-z0-9_-]{32}\n", shown)
        text = (folder / "passwords").read_text(encoding="utf-8")
        assert shown.strip() not in text
        assert re.search(r"(?m)^T2:\$[67]\$", text)
        assert stat.S_IMODE((folder / "passwords").stat().st_mode) == 0o600

    def test_no_two_passwords_are_alike(self, folder: Path) -> None:
        shown = {run("add-device.sh", "--replace", "T1", folder=folder).stdout for _ in range(5)}
        assert len(shown) == 5

    def test_replacing_and_revoking_touch_that_name_alone(self, folder: Path) -> None:
        before = (folder / "passwords").read_text(encoding="utf-8").splitlines()
        assert run("add-device.sh", "--replace", "T1", folder=folder).returncode == 0
        assert sorted(names_in(folder)) == ["T1", "T10", "ingest"]
        after = (folder / "passwords").read_text(encoding="utf-8").splitlines()
        assert set(before) & set(after) == set(before[1:])
        assert run("add-device.sh", "--revoke", "T1", folder=folder).returncode == 0
        assert sorted(names_in(folder)) == ["T10", "ingest"]

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param(["T1"], id="exists"),
            pytest.param(["--replace", "T9"], id="replacing nobody"),
            pytest.param(["--revoke", "T9"], id="revoking nobody"),
            pytest.param(["ingest"], id="a device named as a service"),
            pytest.param(["simulator"], id="a device named as the demonstration"),
            pytest.param(["--service", "T1"], id="a service the acl does not know"),
            pytest.param(["T/2"], id="a topic separator"),
            pytest.param(["T+"], id="a wildcard"),
            pytest.param(["T:2"], id="the separator of the file"),
            pytest.param(["T 2"], id="a space"),
            pytest.param(["京A12345"], id="a plate"),
            pytest.param([""], id="empty"),
            pytest.param(["-x"], id="an unknown option"),
            pytest.param(["T" * 65], id="65 characters"),
            pytest.param([], id="no argument"),
            pytest.param(["T2", "T3"], id="two serials"),
        ],
    )
    def test_refuses_and_changes_nothing(self, folder: Path, arguments: list[str]) -> None:
        before = (folder / "passwords").read_bytes()
        outcome = run("add-device.sh", *arguments, folder=folder)
        assert outcome.returncode in (1, 2)
        assert outcome.stdout == ""
        assert outcome.stderr != ""
        assert (folder / "passwords").read_bytes() == before
        assert sorted(p.name for p in folder.iterdir()) == ["passwords"]

    def test_a_second_run_at_the_same_time_is_refused(self, folder: Path) -> None:
        (folder / "passwords.draft").touch()
        outcome = run("add-device.sh", "T2", folder=folder)
        assert outcome.returncode == 1
        assert "another run" in outcome.stderr
        assert (folder / "passwords.draft").exists()

    def test_knows_the_services_of_the_acl(self) -> None:
        acl = (MOSQUITTO / "acl").read_text(encoding="utf-8")
        script = (MOSQUITTO / "add-device.sh").read_text(encoding="utf-8")
        services = re.search(r'(?m)^SERVICES="(.*)"$', script)
        assert services is not None
        assert services[1].split() == re.findall(r"(?m)^user (\w+)$", acl)


class TestMakeCerts:
    @pytest.fixture
    def certs(self, tmp_path: Path) -> Path:
        """A folder with an authority and a server certificate for a name and an address."""
        made = run("make-certs.sh", "mqtt.example.com", "10.0.0.5", folder=tmp_path)
        assert made.returncode == 0, made.stderr
        return tmp_path

    def test_keys_are_private_and_certificates_readable(self, certs: Path) -> None:
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (certs / "certs").iterdir()}
        assert modes == {"ca.key": 0o600, "ca.crt": 0o644, "server.key": 0o600, "server.crt": 0o644}

    def test_the_server_certificate_is_of_our_authority_and_for_the_names(
        self, certs: Path
    ) -> None:
        folder = certs / "certs"
        verified = subprocess.run(
            ["openssl", "verify", "-purpose", "sslserver", "-verify_hostname", "mqtt.example.com",
             "-CAfile", str(folder / "ca.crt"), str(folder / "server.crt")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert verified.returncode == 0, verified.stderr
        shown = subprocess.run(
            ["openssl", "x509", "-in", str(folder / "server.crt"), "-noout", "-ext",
             "subjectAltName"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert "DNS:mqtt.example.com, IP Address:10.0.0.5" in shown

    @pytest.mark.parametrize(
        "moved_away", [(), ("server.key",), ("ca.key", "server.key", "server.crt")]
    )
    def test_overwrites_nothing(self, certs: Path, moved_away: tuple[str, ...]) -> None:
        for name in moved_away:
            (certs / "certs" / name).unlink()
        before = {p.name: p.read_bytes() for p in (certs / "certs").iterdir()}
        outcome = run("make-certs.sh", "other.example.com", folder=certs)
        assert outcome.returncode == 1
        assert "exists and is not overwritten" in outcome.stderr
        assert {p.name: p.read_bytes() for p in (certs / "certs").iterdir()} == before

    def test_renews_the_server_certificate_under_the_same_authority(self, certs: Path) -> None:
        authority = (certs / "certs" / "ca.crt").read_bytes()
        for name in ("server.key", "server.crt"):
            (certs / "certs" / name).unlink()
        assert run("make-certs.sh", "mqtt.example.com", folder=certs).returncode == 0
        assert (certs / "certs" / "ca.crt").read_bytes() == authority
        verified = subprocess.run(
            ["openssl", "verify", "-CAfile", str(certs / "certs" / "ca.crt"),
             str(certs / "certs" / "server.crt")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert verified.returncode == 0, verified.stderr

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["--client"],
            ["--client", "ca"],
            ["--client", "ingest"],
            ["--client", "a/b"],
            ["--client", "T1,O=x"],
            ["host name"],
            ["DNS:x,IP:y"],
        ],
    )
    def test_refuses(self, tmp_path: Path, arguments: list[str]) -> None:
        assert run("make-certs.sh", *arguments, folder=tmp_path).returncode in (1, 2)
        assert not list(tmp_path.rglob("*.crt"))


class TestNumbers:
    """docs/operations.md derives them; a change here is a change there."""

    def test_the_queue_holds_twice_an_outage_of_half_an_hour(self) -> None:
        vehicles, period_s, outage_s, payload_bytes = 30_000, 30, 1_800, 400
        messages = vehicles // period_s * outage_s * 2
        assert int(CONF["max_queued_messages"]) == messages
        assert int(CONF["max_queued_bytes"]) == messages * payload_bytes

    def test_a_packet_has_room_for_4_mib_of_payload(self) -> None:
        assert int(CONF["max_packet_size"]) == (4 * 1024 + 64) * 1024
        assert "message_size_limit" not in CONF, "it would drop what it acknowledges"

    def test_a_lost_save_is_half_a_minute(self) -> None:
        assert (CONF["persistence"], CONF["autosave_on_changes"]) == ("true", "false")
        assert int(CONF["autosave_interval"]) == 30

    def test_nobody_is_anonymous_and_old_tls_is_off(self) -> None:
        assert CONF["allow_anonymous"] == "false"
        assert CONF["tls_version"] == "tlsv1.2"
        assert CONF["use_username_as_clientid"] == "true"
