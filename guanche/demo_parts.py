"""The parts of a demo: a database, a broker, ingest, alerts, the API, a simulator; and their end.

Decides what is embedded and what the environment replaces, and the order of starting and stopping.
Every process runs under a guard (`guanche/embedded_guard.py`) and ends with this one, even if this
one is killed.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from guanche.commands.migrate import MIGRATIONS
from guanche.demo_alerts import alerts_environment, offline_after_s
from guanche.demo_api import (
    ApiAccess,
    LeftOut,
    api_access,
    api_environment,
    is_ready,
    own_files_url,
)
from guanche.demo_assets import seed_assets
from guanche.demo_matters import seed_matters
from guanche.demo_shell import write_shell_file
from guanche.embedded import embedded_broker, embedded_postgres, find_free_port
from guanche.embedded_process import HOST, ServerProcess
from guanche.scrape import read_counters
from guanche.seed import seed_fleet
from guanche.seed_alerts import seed_alerts
from guanche.store import list_vehicle_ids
from ingest.mqtt_client import probe_broker
from ingest.storage import StorageInfo, open_storage
from kit import clock, db
from kit.errors import DomainError
from kit.files import FileStore
from kit.migrate import migrate
from kit.sealed import SealingKey, new_key_text
from kit.settings import Settings
from simulators.fleet import first_odometers_km
from simulators.roster import RosterEntry, fleet_roster
from simulators.scenario import load_scenario

START_TIMEOUT_S = 30.0
FIRST_SAMPLE_TIMEOUT_S = 10.0
OWN_SETTINGS = {
    "GUANCHE_MQTT_CLIENT_ID": "guanche-demo",  # a real ingest on the same broker keeps its session
    "GUANCHE_MQTT_SESSION_EXPIRY_S": "600",
    "GUANCHE_INGEST_SLOTS": "1",
    "GUANCHE_HTTP_HOST": HOST,
}


class DemoFailed(DomainError):
    """A part of the demo did not start, or ended by itself; the message carries its last words."""

    code = "demo_failed"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to run. `rate` is messages a second of the whole fleet; no URL: an embedded part.

    `api_database_url` and `secret_key` count only beside a `database_url`.
    """

    vehicles: int
    rate: float
    scenario: str
    seed: int
    folder: Path
    database_url: str | None
    mqtt_url: str | None
    api_database_url: str | None = None
    secret_key: str | None = None


class BrokerPart(NamedTuple):
    """A broker in use: its kind, itself in words, and what our commands must be told to use it."""

    kind: str
    words: str
    url: str
    environment: dict[str, str]


@dataclass(slots=True)
class Parts:
    """A running demo's parts."""

    options: DemoOptions
    database_url: str
    storage: StorageInfo
    broker: BrokerPart
    http_port: int
    vehicle_ids: list[int]
    roster: list[RosterEntry]
    ingest: ServerProcess
    simulator: ServerProcess
    api_access: ApiAccess | LeftOut
    api: ServerProcess | None
    alerts: ServerProcess | None
    """None in a database of the caller's own: it would tell real people of vehicles not theirs."""
    shell_file: Path | None
    """What another terminal reads to look at it; None in a database of the caller's own."""

    @property
    def simulator_log(self) -> Path:
        """What the simulator said; its last line is its own summary."""
        return self.options.folder / "simulator.log"

    @property
    def ack_log(self) -> Path:
        """What the simulator writes down of the broker's acknowledgements."""
        return self.options.folder / "acknowledged.log"

    def stop_publishing(self) -> None:
        """Let the simulator collect its acknowledgements and leave."""
        self.simulator.end(signal.SIGTERM)

    def check(self) -> None:
        """Raises DemoFailed if ingest, the API or the simulator has ended by itself."""
        self.check_ingest()
        if self.api is not None and not self.api.running:
            raise DemoFailed(f"the API ended by itself:\n{self.api.log_tail()}")
        if self.alerts is not None and not self.alerts.running:
            raise DemoFailed(f"alerts ended by themselves:\n{self.alerts.log_tail()}")
        if not self.simulator.running:
            raise DemoFailed(f"the simulator ended by itself:\n{self.simulator.log_tail()}")

    def check_ingest(self) -> None:
        """Raises DemoFailed if ingest has ended by itself."""
        if not self.ingest.running:
            raise DemoFailed(f"ingest ended by itself:\n{self.ingest.log_tail()}")


@contextmanager
def running_parts(options: DemoOptions, say: Callable[[str], None]) -> Iterator[Parts]:
    """Everything started, in order; everything stopped at the end of the block, in reverse.

    Raises:
        BadScenario: there is none of this name, or it cannot be used.
        DemoFailed: ingest, the API or the simulator did not start.
        ServerFailed: the embedded database or broker did not.
    """
    scenario = load_scenario(options.scenario)  # a wrong name is told before anything starts
    with ExitStack() as stack:
        say("starting PostgreSQL and a broker …")
        database_url = options.database_url
        if database_url is None:
            database_url = stack.enter_context(embedded_postgres(options.folder / "database"))
        broker = _start_broker(stack, options)
        say(f"migrating, seeding {options.vehicles} vehicles …")
        roster = fleet_roster(options.vehicles, options.seed)
        secret_key = options.secret_key if options.database_url else new_key_text()
        first_km = first_odometers_km(options.vehicles, seed=options.seed, scenario=scenario)
        storage, vehicle_ids = _prepare_database(
            database_url,
            roster,
            odometers=dict(zip((entry.vin for entry in roster), first_km, strict=True)),
            key=SealingKey.from_text(secret_key) if secret_key else None,
            # Of a database of the caller's, the files lie where its settings say: not ours to fill.
            files=None if options.database_url else FileStore(own_files_url(options.folder)),
            ours=options.database_url is None,
        )
        http_port = find_free_port()
        # Settings are handed over in the environment: an argument is seen by everybody.
        environment = {
            **os.environ,
            **OWN_SETTINGS,
            **broker.environment,
            "GUANCHE_DATABASE_URL": database_url,
            "GUANCHE_HTTP_PORT": str(http_port),
            "GUANCHE_OFFLINE_AFTER_S": str(offline_after_s(options.vehicles, options.rate)),
        }
        access = stack.enter_context(_api_access(options, database_url))
        parts = Parts(
            options,
            database_url,
            storage,
            broker,
            http_port,
            vehicle_ids,
            roster,
            _process(["ingest"], environment, options.folder / "ingest.log"),
            _process(simulator_arguments(options), environment, options.folder / "simulator.log"),
            access,
            _api_process(options, access, secret_key),
            _alerts_process(options, environment, secret_key),
            _shell_file(options, environment, access, secret_key),
        )
        say("starting ingest, alerts, the API and the simulators …")
        _start(parts, stack)
        yield parts


def _start(parts: Parts, stack: ExitStack) -> None:
    """The processes in order, each once the one before it serves."""
    for server in (parts.ingest, parts.alerts, parts.api):
        if server is not None:
            stack.callback(server.end, signal.SIGTERM)
            server.launch()
    _await_ingest(parts)
    _await_api(parts)
    stack.callback(parts.simulator.end, signal.SIGTERM)
    parts.simulator.launch()
    _await_first_acknowledgement(parts)


def _start_broker(stack: ExitStack, options: DemoOptions) -> BrokerPart:
    if options.mqtt_url is not None:
        words = f"broker {db.masked(options.mqtt_url)}"
        probe = probe_broker(Settings(mqtt_url=options.mqtt_url))
        if not probe.accepted:
            raise DemoFailed(f"{words} does not let us in: {probe.error}")
        return BrokerPart("external", words, options.mqtt_url, {})
    broker = stack.enter_context(embedded_broker(options.folder / "broker"))
    environment = {"GUANCHE_MQTT_URL": broker.url, "GUANCHE_MQTT_VERSION": broker.mqtt_version}
    words = f"embedded {broker.kind}, MQTT {broker.mqtt_version}"
    return BrokerPart(broker.kind, words, broker.url, environment)


def simulator_arguments(options: DemoOptions) -> list[str]:
    """How the demo calls `guanche simulate`."""
    return [
        "simulate",
        f"--vehicles={options.vehicles}",
        f"--rate={options.rate}",
        f"--scenario={options.scenario}",
        f"--seed={options.seed}",
        f"--ack-log={options.folder / 'acknowledged.log'}",
        "--json",
    ]


def _prepare_database(
    url: str,
    roster: list[RosterEntry],
    *,
    odometers: Mapping[str, float],
    key: SealingKey | None,
    files: FileStore | None,
    ours: bool,
) -> tuple[StorageInfo, list[int]]:
    """Migrated and seeded: what it stores in, and the ids of our vehicles."""
    settings = Settings(database_url=url)
    with db.connect(url, application_name="guanche demo", autocommit=True) as conn:
        migrate(conn, MIGRATIONS)
        storage = open_storage(conn, chunk_hours=settings.chunk_hours)
        now = clock.now()
        with conn.transaction():
            storage.ensure(conn, now)
            seed_fleet(conn, roster, now)
            seed_assets(conn, roster, now, odometers=odometers, key=key, files=files)
            if ours:
                vins = [entry.vin for entry in roster]
                seed_matters(conn, vins, now)
                seed_alerts(conn, vins, now)
        return storage.info, list_vehicle_ids(conn, [vehicle.vin for vehicle in roster])


def _api_access(
    options: DemoOptions, database_url: str
) -> AbstractContextManager[ApiAccess | LeftOut]:
    ours = options.database_url is None
    return api_access(
        database_url, ours=ours, api_database_url=None if ours else options.api_database_url
    )


def _api_process(
    options: DemoOptions, access: ApiAccess | LeftOut, secret_key: str | None
) -> ServerProcess | None:
    if isinstance(access, LeftOut):
        return None
    environment = api_environment(access, secret_key=secret_key, folder=options.folder)
    return _process(["api"], environment, options.folder / "api.log")


def _alerts_process(
    options: DemoOptions, environment: Mapping[str, str], secret_key: str | None
) -> ServerProcess | None:
    if options.database_url is not None or secret_key is None:
        return None
    own = alerts_environment(environment, secret_key)
    return _process(["alerts", "run"], own, options.folder / "alerts.log")


def _shell_file(
    options: DemoOptions,
    environment: Mapping[str, str],
    access: ApiAccess | LeftOut,
    secret_key: str | None,
) -> Path | None:
    if options.database_url is not None or isinstance(access, LeftOut):
        return None
    api = api_environment(access, secret_key=secret_key, folder=options.folder)
    return write_shell_file(options.folder, {**api, **environment})


def _process(arguments: list[str], environment: Mapping[str, str], log: Path) -> ServerProcess:
    """One of our own commands as a guarded process.

    Should this process be killed, there is nobody left to account to: the parts end at once.
    """
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "guanche", *arguments]
    return ServerProcess(command, log=log, end_signal=signal.SIGKILL, environment=environment)


def _await_ingest(parts: Parts) -> None:
    """Until it has subscribed: what is published before has nobody it must reach."""
    deadline = clock.monotonic() + START_TIMEOUT_S
    while (counters := read_counters(HOST, parts.http_port)) is None or not counters.connected:
        if not parts.ingest.running or clock.monotonic() > deadline:
            raise DemoFailed(
                f"ingest did not get to {parts.broker.words}:\n{parts.ingest.log_tail()}"
            )
        clock.sleep(0.05)


def _await_api(parts: Parts) -> None:
    """Until it answers, so that what we print can be tried at once."""
    if parts.api is None or isinstance(parts.api_access, LeftOut):
        return
    deadline = clock.monotonic() + START_TIMEOUT_S
    while not is_ready(parts.api_access):
        if not parts.api.running or clock.monotonic() > deadline:
            raise DemoFailed(f"the API did not start:\n{parts.api.log_tail()}")
        clock.sleep(0.05)


def _await_first_acknowledgement(parts: Parts) -> None:
    """So that the demo's time is time it ran; a fleet may also be slow to send its first."""
    deadline = clock.monotonic() + FIRST_SAMPLE_TIMEOUT_S
    while clock.monotonic() < deadline:
        parts.check()
        if parts.ack_log.exists() and parts.ack_log.stat().st_size:
            return
        clock.sleep(0.02)
