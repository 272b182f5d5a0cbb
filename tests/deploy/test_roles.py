"""roles.sh and access.sh: what they make, and that an installation runs on it without a superuser.

The servers here trust whoever connects, so that a password's hash is looked at instead.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from guanche import embedded
from guanche.embedded import PostgresServer, find_free_port
from guanche.embedded_process import HOST, ServerProcess
from guanche.scrape import IngestCounters, read_counters
from kit import clock, db
from kit.migrate import migrate
from tests.fixtures.databases import MIGRATIONS
from tests.fixtures.services import missing

TIMESCALE = Path(__file__).resolve().parents[2] / "deploy/timescale"
PASSWORD = "Kiln-lantern-42"
SECRETS = {
    "OWNER_ROLE_PASSWORD": "it's ours",
    "GRAFANA_ROLE_PASSWORD": "theirs",
    "API_ROLE_PASSWORD": 'the "API\'s"',
}
ROLES = (
    "SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcanlogin,"
    " ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
    "       WHERE m.member = r.oid ORDER BY 1)"
    " FROM pg_roles r WHERE r.rolname LIKE 'guanche%' ORDER BY 1"
)
MADE = [
    ("guanche", False, False, True, ["guanche_system"]),
    ("guanche_api", False, False, True, ["guanche_app"]),
    ("guanche_app", False, False, False, []),
    ("guanche_grafana", False, False, True, []),
    ("guanche_system", False, False, False, []),
]


@dataclass(frozen=True, slots=True)
class Installation:
    """A server with an empty database `fleet`, and the commands of whoever installs Guanche."""

    server: PostgresServer
    folder: Path

    def url(self, role: str) -> str:
        """The database as this role."""
        return f"postgresql://{role}@{HOST}:{self.server.port}/fleet"

    def run_script(self, name: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """One of the scripts, as the superuser runs it by hand."""
        return subprocess.run(
            [str(TIMESCALE / name)],
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "PGHOST": HOST,
                "PGPORT": str(self.server.port),
                "POSTGRES_USER": "postgres",
                "POSTGRES_DB": "fleet",
                **SECRETS,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def guanche(
        self, *arguments: str, told: str = "", **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        """One of our commands as the owner of the tables; `told` is its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "guanche", *arguments],
            env=self.environment(database_url=self.url("guanche"), **settings),
            cwd=self.folder,
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def environment(self, **settings: str) -> dict[str, str]:
        """Ours without settings, and with these."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith("GUANCHE_")}
        return plain | {f"GUANCHE_{name.upper()}": text for name, text in settings.items()}

    @contextmanager
    def running(
        self, command: str, serves: Callable[[], object], **settings: str
    ) -> Iterator[ServerProcess]:
        """One of our servers until the end of the block, once it serves."""
        process = ServerProcess(
            [sys.executable, "-m", "guanche", command],
            log=self.folder / f"{command}.log",
            environment=self.environment(**settings),
        )
        process.launch()
        try:
            process.wait_until(lambda: bool(serves()))
            yield process
        finally:
            process.end(signal.SIGTERM)


@pytest.fixture
def installation(private_server: PostgresServer, tmp_path: Path) -> Installation:
    """The database is there and empty; no script has run."""
    if shutil.which("psql") is None:
        missing("psql", "psql is not installed")
    with psycopg.connect(private_server.url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE fleet")
    return Installation(private_server, tmp_path)


def is_password_of(admin: Connection[Any], role: str, password: str) -> bool:
    """Whether the hash that the server keeps of the role's password is this one's; RFC 5803."""
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"
    (kept,) = admin.execute(query, [role]).fetchone() or ("",)
    found = re.fullmatch(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.+", kept)
    assert found is not None
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(found[2]), int(found[1])
    )
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client_key).digest() == base64.b64decode(found[3])


def test_the_roles_of_a_new_installation(installation: Installation, storage: str) -> None:
    ran = installation.run_script("roles.sh")
    assert ran.returncode == 0, ran.stderr
    again = installation.run_script("access.sh", API_ROLE_PASSWORD="another")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    with psycopg.connect(installation.url("postgres")) as admin:
        assert admin.execute(ROLES).fetchall() == MADE
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'fleet'"
        assert admin.execute(owner).fetchall() == [("guanche",)]
        connecting = (
            "SELECT r.rolname FROM pg_roles r WHERE rolname LIKE 'guanche%'"
            " AND has_database_privilege(r.oid, 'fleet', 'CONNECT') ORDER BY 1"
        )
        assert admin.execute(connecting).fetchall() == [
            ("guanche",), ("guanche_api",), ("guanche_grafana",),
        ]  # fmt: skip
        assert is_password_of(admin, "guanche", SECRETS["OWNER_ROLE_PASSWORD"])
        assert is_password_of(admin, "guanche_grafana", SECRETS["GRAFANA_ROLE_PASSWORD"])
        assert is_password_of(admin, "guanche_api", "another")
        extensions = admin.execute("SELECT extname FROM pg_extension").fetchall()
    assert (("timescaledb",) in extensions) == (storage == "timescaledb")


@pytest.mark.parametrize("script", ["roles.sh", "access.sh"])
def test_without_the_password_of_the_api_nothing_is_made(
    installation: Installation, script: str
) -> None:
    ran = installation.run_script(script, API_ROLE_PASSWORD="")
    assert ran.returncode != 0
    assert "API_ROLE_PASSWORD" in ran.stderr
    with psycopg.connect(installation.url("postgres")) as admin:
        assert admin.execute(ROLES).fetchall() == []


def test_an_installation_from_before_the_api_is_upgraded(
    installation: Installation, tmp_path: Path
) -> None:
    before = installation.run_script("roles.sh", ACCESS_SCRIPT=os.devnull)
    assert before.returncode == 0, before.stderr
    old = tmp_path / "migrations"
    old.mkdir()
    for number in (1, 2, 3):
        (script,) = MIGRATIONS.glob(f"{number:04}_*.sql")
        shutil.copy(script, old)
    with db.connect(installation.url("guanche"), autocommit=True) as conn:
        migrate(conn, old)
        conn.execute(
            "INSERT INTO organisations (code, name, parent_id)"
            " VALUES ('root', '总部', NULL), ('depot', '车场', 1), ('other', '别家', NULL)"
        )
        conn.execute("INSERT INTO vehicles (vin, owner_id) VALUES ('LSGPC52U6AF102554', 1)")
        conn.execute("INSERT INTO devices (serial) VALUES ('T1')")
        since = "tstzrange('2026-01-01', NULL)"
        conn.execute(f"INSERT INTO device_bindings VALUES (DEFAULT, 1, 1, {since})")
        conn.execute(f"INSERT INTO vehicle_operators VALUES (DEFAULT, 1, 2, {since})")
        conn.execute("INSERT INTO vehicle_state (vehicle_id, operator_id) VALUES (1, 2)")

    refused = installation.guanche("migrate")
    assert refused.returncode == 1
    assert "role guanche_system is missing and guanche may not create it" in refused.stderr
    assert "→ Run deploy/timescale/access.sh as a superuser first." in refused.stderr

    assert installation.run_script("access.sh").returncode == 0
    migrated = installation.guanche("migrate")
    assert migrated.returncode == 0, migrated.stderr
    with psycopg.connect(installation.url("postgres")) as admin:
        assert admin.execute(ROLES).fetchall() == MADE
    with db.connect(installation.url("guanche")) as conn:
        bindings = "SELECT serial, vin FROM registry_device_bindings"
        assert conn.execute(bindings).fetchall() == [("T1", "LSGPC52U6AF102554")]
        operators = "SELECT vehicle_id, organisation_id FROM registry_vehicle_operators"
        assert conn.execute(operators).fetchall() == [(1, 2)]
    seen = {
        organisation: seen_by(installation.url("guanche_api"), organisation)
        for organisation in (1, 2, 3)
    }
    assert seen == {1: (1, 1, 1, 1), 2: (1, 1, 1, 1), 3: (0, 0, 0, 0)}


def seen_by(url: str, organisation_id: int) -> tuple[int, int, int, int]:
    """How many vehicles, devices, bindings and states the API shows an organisation."""
    with db.connect(url) as conn:
        db.act_for(conn, [organisation_id])
        row = conn.execute(
            "SELECT (SELECT count(*) FROM vehicles), (SELECT count(*) FROM devices),"
            " (SELECT count(*) FROM device_bindings),"
            " (SELECT count(*) FROM visible_vehicle_state)"
        ).fetchone()
    assert row is not None
    return row


def test_everything_runs_without_a_superuser(
    installation: Installation, broker: embedded.Broker
) -> None:
    """Ingest as the owner sees every binding through forced row security and writes states; the API
    as its own role logs people in and shows each their own."""
    assert installation.run_script("roles.sh").returncode == 0
    ran = installation.guanche("migrate")
    assert ran.returncode == 0, ran.stderr
    for login, code in (("li.na", "qingfan"), ("wang.fang", "elsewhere")):
        made = installation.guanche(
            "user", "create", login, "--name", "李娜", "--role", "owner", "--organisation", code,
            "--new-organisation", "平台", "--password-stdin", told=f"{PASSWORD}\n",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr

    http_port, api_port = find_free_port(), find_free_port()
    with ExitStack() as stack:
        stack.enter_context(
            installation.running(
                "ingest",
                lambda: (counters := read_counters(HOST, http_port)) and counters.connected,
                database_url=installation.url("guanche"),
                mqtt_url=broker.url,
                http_port=str(http_port),
            )
        )
        simulated = installation.guanche(
            "simulate", "--register", "--vehicles", "4", "--rate", "40", "--duration", "2s",
            mqtt_url=broker.url,
        )  # fmt: skip
        assert simulated.returncode == 0, simulated.stderr
        counters = await_stored(http_port, samples=80)
        assert (counters.stored, dict(counters.refused)) == (80, {})
        api = stack.enter_context(
            installation.running(
                "api",
                lambda: answers(api_port),
                api_database_url=installation.url("guanche_api"),
                api_port=str(api_port),
                secret_key=base64.b64encode(bytes(32)).decode(),
            )
        )
        found = {login: look(api_port, login) for login in ("li.na", "wang.fang")}
        live = {login: follow(api_port, login) for login in ("li.na", "wang.fang")}
        assert api.running
    assert len(found["li.na"]) == 4
    assert {vehicle["operator"] for vehicle in found["li.na"]} == {
        "shenzhen-nanshan", "shenzhen-longgang", "guangzhou-baiyun", "guangzhou-panyu",
    }  # fmt: skip
    assert all(vehicle["soc_pct"] is not None for vehicle in found["li.na"])
    assert found["wang.fang"] == []
    assert [event for event, _ in live["li.na"]] == ["hello", "states"]
    assert len(live["li.na"][1][1]) == 4
    assert [event for event, _ in live["wang.fang"]] == ["hello"]
    verified = installation.guanche("audit", "verify", "--json")
    assert json.loads(verified.stdout) == {"whole": True, "faults": []}
    with (
        db.connect(installation.url("guanche")) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("DELETE FROM audit_entries")


def await_stored(port: int, *, samples: int) -> IngestCounters:
    """The counters of ingest once it has committed so many samples."""
    deadline = clock.monotonic() + 20
    while (counters := read_counters(HOST, port)) is None or counters.stored < samples:
        assert clock.monotonic() < deadline, counters
        clock.sleep(0.05)
    return counters


def answers(port: int) -> bool:
    """Whether the API says that it is ready."""
    with suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=2):
        return True
    return False


def log_in(port: int, login: str) -> str:
    """A person's token."""
    body = {"login": login, "password": PASSWORD, "kind": "bearer"}
    token: str = ask(port, "/sessions", body)["token"]
    return token


def look(port: int, login: str) -> list[dict[str, Any]]:
    """The vehicles a person sees."""
    vehicles: list[dict[str, Any]] = ask(port, "/vehicles", token=log_in(port, login))["items"]
    return vehicles


def follow(port: int, login: str) -> list[tuple[str, Any]]:
    """What the live feed tells a person before it waits for changes: `hello`, and all states."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/api/v1/live?snapshot=true",
        headers={"Authorization": f"Bearer {log_in(port, login)}"},
    )
    events: list[tuple[str, Any]] = []
    lines: dict[str, str] = {}
    with urllib.request.urlopen(request, timeout=10) as stream:
        while "id" not in lines:  # only the last of what is told at once has one
            lines = {}
            while line := stream.readline().decode().rstrip():
                name, _, text = line.partition(": ")
                lines[name] = text
            events.append((lines["event"], json.loads(lines["data"])))
    return events


def ask(port: int, path: str, body: Any = None, token: str | None = None) -> Any:
    """What the API answers; raises for anything but a success."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"}
        | ({} if token is None else {"Authorization": f"Bearer {token}"}),
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
