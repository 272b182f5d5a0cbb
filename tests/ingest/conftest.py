"""A small fleet on a real database, and writers and brokers to try it with."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from fleet.devices.service import bind_device, register_device
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle, assign_operator
from ingest import store
from ingest.delivery import Delivery, Publish
from ingest.inbox import Inbox
from ingest.metrics import Metrics
from ingest.pipeline import Batch, process
from ingest.reading import EPOCH
from ingest.writers import Writers
from kit import clock
from kit.settings import Settings
from schemas.access import SYSTEM

from .builders import VIN_A, VIN_B, to_datetime

DEADLINE_S = 20.0
PLAIN_ONLY = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
TIMESCALE_ONLY = pytest.mark.parametrize("storage", ["timescaledb"], indirect=True)


def wait_until(met: Callable[[], bool], what: str) -> None:
    """Poll for a condition.

    Raises:
        AssertionError: it was not met in time.
    """
    until = clock.monotonic() + DEADLINE_S
    while not met():
        assert clock.monotonic() < until, f"not within {DEADLINE_S} s: {what}"
        clock.sleep(0.005)


@dataclass
class Fleet:
    """T1 sits in A, operated by east; T2 in B, operated by west, both for 60 days; T3 nowhere."""

    conn: Connection[Any]
    url: str
    now: datetime
    a: int = 0
    b: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def now_us(self) -> int:
        return (self.now - EPOCH) // timedelta(microseconds=1)

    def find(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows by column name, seen as another connection would see them."""
        self.conn.commit()
        with self.conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query.encode(), parameters or None).fetchall()
        self.conn.commit()
        return rows

    def telemetry(self) -> list[dict[str, Any]]:
        return self.find("SELECT * FROM telemetry ORDER BY vehicle_id, ts, seq")

    def state(self, vehicle_id: int | None = None) -> dict[str, Any]:
        rows = self.find("SELECT * FROM vehicle_state WHERE vehicle_id = %s", vehicle_id or self.a)
        assert len(rows) == 1
        return rows[0]

    def refusals(self) -> list[dict[str, Any]]:
        return self.find("SELECT * FROM ingest_rejects ORDER BY id")

    def write(
        self,
        *publishes: Publish,
        received_us: int | None = None,
        latest: dict[int, tuple[int, int] | None] | None = None,
    ) -> tuple[Batch, int]:
        """One batch as a writer writes it; `latest` is what it remembers, truly unless said."""
        received_us = self.now_us if received_us is None else received_us
        with self.conn.transaction():
            store.prepare_session(self.conn)
            bindings = store.load_bindings(self.conn)
            remembered = store.load_latest(self.conn) if latest is None else latest
            batch = process([Delivery(list(publishes), received_us)], bindings, remembered)
            stored = store.store_rows(self.conn, batch.rows)
            store.merge_batch(self.conn, batch, sorted(batch.heard - remembered.keys()))
            store.announce_batch(self.conn, batch)
            store.insert_refusals(self.conn, batch.refusals)
            self.conn.execute(store.SQL.empty_staging)
        self.conn.commit()
        return batch, stored


@pytest.fixture
def fleet(conn: Connection[Any], database_url: str) -> Fleet:
    """The small fleet; `now` is a whole second a little before the present."""
    now = to_datetime((clock.now_us() // 1_000_000 - 1) * 1_000_000)
    since = now - timedelta(days=60)
    fleet = Fleet(conn, database_url, now)
    for code in ("head", "east", "west"):
        parent = None if code == "head" else "head"
        fleet.ids[code] = create_organisation(
            conn, SYSTEM, code=code, name=code, parent_code=parent, now=now
        ).id
    fleet.a = add_vehicle(conn, SYSTEM, vin=VIN_A, plate=None, owner_code="head", now=now).id
    fleet.b = add_vehicle(conn, SYSTEM, vin=VIN_B, plate=None, owner_code="head", now=now).id
    for serial in ("T1", "T2", "T3"):
        fleet.ids[serial] = register_device(
            conn, SYSTEM, serial=serial, owner_code="head", now=now
        ).id
    for serial, vin, operator in (("T1", VIN_A, "east"), ("T2", VIN_B, "west")):
        bind_device(conn, SYSTEM, serial=serial, vin=vin, at=since, now=now)
        assign_operator(conn, SYSTEM, vin=vin, organisation_code=operator, at=since, now=now)
    conn.commit()
    return fleet


def settings_for(**values: Any) -> Settings:
    """Settings of a test, whatever the environment says; batches close fast."""
    return Settings(_env_file=None, **{"batch_ms": 20, "http_port": 0, **values})


def make_inbox(settings: Settings) -> Inbox:
    """An inbox with the limits of a process."""
    return Inbox(max_bytes=settings.queue_bytes, max_messages=settings.mqtt_receive_maximum)


class Acks:
    """Stands in for a broker session: remembers what was acknowledged, in order."""

    def __init__(self) -> None:
        self.mids: list[int] = []
        self._changed = threading.Condition()

    def ack(self, delivery: Delivery) -> None:
        with self._changed:
            self.mids.extend(mid for *_, mid in delivery.publishes)
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: len(self.mids) >= count, DEADLINE_S)
        assert done, f"acknowledged: {self.mids} of {count}"


@dataclass
class Writing:
    """Running writers and what they acknowledged."""

    pool: Writers
    acks: Acks

    @property
    def metrics(self) -> Metrics:
        return self.pool.work.metrics

    def put(self, *publishes: Publish, received_us: int | None = None) -> None:
        """One delivery; the mids become 1, 2, 3 … over all deliveries of the test."""
        received_us = clock.now_us() if received_us is None else received_us
        self.pool.work.inbox.put(Delivery(list(publishes), received_us, 0, self.acks))

    def write(self, *publishes: Publish, received_us: int | None = None) -> None:
        """One delivery, waited for until it is acknowledged."""
        count = len(self.acks.mids) + len(publishes)
        self.put(*publishes, received_us=received_us)
        self.acks.wait_for(count)

    def count(self, name: str, **labels: str) -> float:
        """A counter's value."""
        value = self.metrics.registry.get_sample_value(f"guanche_ingest_{name}_total", labels)
        assert value is not None
        return value


@contextmanager
def running_writers(url: str, **values: Any) -> Iterator[Writing]:
    settings = settings_for(database_url=url, **values)
    pool = Writers(settings, Inbox(max_bytes=settings.queue_bytes, max_messages=20_000), Metrics())
    pool.start()
    try:
        yield Writing(pool, Acks())
    finally:
        assert pool.stop(within_s=DEADLINE_S)


@pytest.fixture
def writing(fleet: Fleet) -> Iterator[Writing]:
    """Writers on the small fleet's database."""
    with running_writers(fleet.url) as writing:
        yield writing
