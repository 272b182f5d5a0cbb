"""The parts of a demo: a database, a broker, an ingest process and a simulator, and their end.

Decides what is embedded and what the environment replaces, and the order of starting and stopping.
Every process runs under a guard (`guanche/embedded_guard.py`) and ends with this one, even if this
one is killed.
"""

import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from guanche.commands.migrate import MIGRATIONS
from guanche.embedded import embedded_broker, embedded_postgres, find_free_port
from guanche.embedded_process import HOST, ServerProcess
from guanche.scrape import read_counters
from guanche.seed import seed_fleet
from guanche.store import list_vehicle_ids
from ingest.mqtt_client import probe_broker
from ingest.storage import StorageInfo, open_storage
from kit import clock, db
from kit.errors import DomainError
from kit.migrate import migrate
from kit.settings import Settings
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
    """What to run. `rate` is messages a second of the whole fleet; no URL: an embedded part."""

    vehicles: int
    rate: float
    scenario: str
    seed: int
    folder: Path
    database_url: str | None
    mqtt_url: str | None


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
        """Raises DemoFailed if ingest or the simulator has ended by itself."""
        self.check_ingest()
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
        DemoFailed: ingest or the simulator did not start.
        ServerFailed: the embedded database or broker did not.
    """
    load_scenario(options.scenario)  # a wrong name is told before anything starts
    with ExitStack() as stack:
        say("starting PostgreSQL and a broker …")
        # What stands in the environment is inherited: a password has no business in an argument.
        environment = dict(OWN_SETTINGS)
        database_url = options.database_url
        if database_url is None:
            database_url = stack.enter_context(embedded_postgres(options.folder / "database"))
            environment["GUANCHE_DATABASE_URL"] = database_url
        broker = _start_broker(stack, options)
        say(f"migrating, seeding {options.vehicles} vehicles …")
        roster = fleet_roster(options.vehicles, options.seed)
        storage, vehicle_ids = _prepare_database(database_url, roster)
        http_port = find_free_port()
        environment |= {**broker.environment, "GUANCHE_HTTP_PORT": str(http_port)}
        ingest = _process(["ingest"], environment, options.folder / "ingest.log")
        simulator = _process(
            simulator_arguments(options), environment, options.folder / "simulator.log"
        )
        parts = Parts(
            options,
            database_url,
            storage,
            broker,
            http_port,
            vehicle_ids,
            roster,
            ingest,
            simulator,
        )
        say("starting ingest and the simulators …")
        stack.callback(ingest.end, signal.SIGTERM)
        ingest.launch()
        _await_ingest(parts)
        stack.callback(simulator.end, signal.SIGTERM)
        simulator.launch()
        _await_first_acknowledgement(parts)
        say("running; Ctrl-C stops")
        yield parts


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


def _prepare_database(url: str, roster: list[RosterEntry]) -> tuple[StorageInfo, list[int]]:
    """Migrated and seeded: what it stores in, and the ids of our vehicles."""
    settings = Settings(database_url=url)
    with db.connect(url, application_name="guanche demo", autocommit=True) as conn:
        migrate(conn, MIGRATIONS)
        storage = open_storage(conn, chunk_hours=settings.chunk_hours)
        now = clock.now()
        with conn.transaction():
            storage.ensure(conn, now)
            seed_fleet(conn, roster, now)
        return storage.info, list_vehicle_ids(conn, [vehicle.vin for vehicle in roster])


def _process(arguments: list[str], environment: Mapping[str, str], log: Path) -> ServerProcess:
    """One of our own commands as a guarded process; `env` gives it its settings and goes away.

    Should this process be killed, there is nobody left to account to: the parts end at once.
    """
    env = shutil.which("env") or "env"
    variables = [f"{name}={text}" for name, text in environment.items()]
    log.unlink(missing_ok=True)
    command = [env, *variables, sys.executable, "-m", "guanche", *arguments]
    return ServerProcess(command, log=log, end_signal=signal.SIGKILL)


def _await_ingest(parts: Parts) -> None:
    """Until it has subscribed: what is published before has nobody it must reach."""
    deadline = clock.monotonic() + START_TIMEOUT_S
    while (counters := read_counters(HOST, parts.http_port)) is None or not counters.connected:
        if not parts.ingest.running or clock.monotonic() > deadline:
            raise DemoFailed(
                f"ingest did not get to {parts.broker.words}:\n{parts.ingest.log_tail()}"
            )
        clock.sleep(0.05)


def _await_first_acknowledgement(parts: Parts) -> None:
    """So that the demo's time is time it ran; a fleet may also be slow to send its first."""
    deadline = clock.monotonic() + FIRST_SAMPLE_TIMEOUT_S
    while clock.monotonic() < deadline:
        parts.check()
        if parts.ack_log.exists() and parts.ack_log.stat().st_size:
            return
        clock.sleep(0.02)
