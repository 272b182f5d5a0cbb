"""One test's plant: a database, a broker, a fleet, and the ingest processes between them.

Starts processes and publishers, keeps the log of acknowledgements, compares it with the database,
and ends whatever it started. Leaves out: servers, which are fixtures.
"""

import sys
from collections.abc import Iterable
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from psycopg.rows import TupleRow

from guanche.seed import seed_fleet
from ingest.mqtt_client import DROPPED_TOPIC
from kit import clock, db
from simulators.roster import RosterEntry, fleet_roster
from tests.reliability.process import INGEST, Ingest, wait_until
from tests.reliability.tally import Tally, count_rows, list_lost_ms, take_tally
from tests.reliability.traffic import Message, Traffic
from tests.reliability.wiretap import Wiretap

VEHICLES = 50


class DropWatch:
    """Listens to the broker's count of dropped messages, beginning with the first question.

    Mosquitto tells a change once and remembers it for a minute, so that asking at the end of a long
    outage would be too late.
    """

    def __init__(self, broker_url: str) -> None:
        self._told: list[int] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _u, m: self._told.append(int(m.payload))
        url = urlsplit(broker_url)
        self._client.connect(url.hostname or "", url.port or 1883)
        self._client.subscribe(DROPPED_TOPIC)
        self._client.loop_start()
        wait_until(lambda: self._told, within_s=10, what="the broker tells what it dropped")

    @property
    def count(self) -> int:
        return self._told[-1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Rig:
    """Everything between the vehicles and the tables."""

    def __init__(self, *, database_url: str, broker_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.broker_url = broker_url
        self.folder = folder
        self.fleet: list[RosterEntry] = fleet_roster(VEHICLES, 1)
        self.devices = [vehicle.device_id for vehicle in self.fleet]
        self._ack_logs: list[Path] = []
        self._processes: list[Ingest] = []
        self._ends = ExitStack()
        self._conn: psycopg.Connection[TupleRow] | None = None
        seed_fleet(self.conn, self.fleet, clock.now())
        self.conn.commit()

    @property
    def conn(self) -> psycopg.Connection[TupleRow]:
        """A connection to the database; a new one after the database was away."""
        if self._conn is None or self._conn.closed:
            self._conn = db.connect(self.database_url, application_name="reliability")
        return self._conn

    @cached_property
    def tap(self) -> Wiretap:
        """A proxy to the broker that sees what passes."""
        return self._ends.enter_context(Wiretap(self.broker_url))

    def ingest(
        self,
        name: str = "ingest",
        *,
        mqtt_url: str | None = None,
        driver: str = "",
        **settings: Any,
    ) -> Ingest:
        """An ingest process, not started yet; `driver` is Python to run in place of the command."""
        urls = {"database_url": self.database_url, "mqtt_url": mqtt_url or self.broker_url}
        process = Ingest(
            log=self.folder / f"{name}.log",
            settings={**urls, **settings},
            command=(sys.executable, "-c", driver) if driver else INGEST,
        )
        self._processes.append(process)
        return self._ends.enter_context(process)

    def publish(self, messages: Iterable[Message], *, rate: float | None = None) -> Traffic:
        """Begin to publish, each call with a log of acknowledgements of its own."""
        ack_log = self.folder / f"acked-{len(self._ack_logs)}.log"
        self._ack_logs.append(ack_log)
        traffic = Traffic(self.broker_url, messages, ack_log=ack_log, rate=rate)
        self._ends.enter_context(closing(traffic))
        return traffic

    def wait_stored(self, rows: int, *, within_s: float = 60.0) -> float:
        """Wait until so many samples are stored; how many seconds that took."""
        return wait_until(
            lambda: count_rows(self.conn) >= rows,
            within_s=within_s,
            what=lambda: f"{rows} rows are stored; {self._describe()}",
        )

    def wait_settled(self, *, quiet_s: float = 1.0, within_s: float = 60.0) -> None:
        """Wait until something is stored and for a while nothing more has been.

        For what may be short of the number published; the while is five times the time after
        which ingest writes what it has.
        """
        rows, since_s = 0, clock.monotonic()

        def is_settled() -> bool:
            nonlocal rows, since_s
            now_rows = count_rows(self.conn)
            if now_rows != rows or not rows:
                rows, since_s = now_rows, clock.monotonic()
            return clock.monotonic() - since_s > quiet_s

        wait_until(is_settled, within_s=within_s, what="nothing more is stored")

    def tally(self) -> Tally:
        """What was acknowledged against what is stored."""
        return take_tally(self.conn, *self._ack_logs)

    def list_lost_ms(self) -> list[int]:
        """The device times of lost samples."""
        return list_lost_ms(self.conn, *self._ack_logs)

    def read_dropped(self) -> int:
        """How many messages the broker says it dropped, for whatever reason."""
        return self._dropped.count

    @cached_property
    def _dropped(self) -> "DropWatch":
        return self._ends.enter_context(closing(DropWatch(self.broker_url)))

    def _describe(self) -> str:
        logs = [f"{each.log.name}:\n{each.log_tail()}" for each in self._processes]
        return "\n".join([f"there are {count_rows(self.conn)}", *logs])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.close()
        if self._conn is not None:
            self._conn.close()
