"""Alert processes as an operator sees them, and what of telemetry and records they should find.

Leaves out: what is done to them (`test_schedulers_killed.py`).
"""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection

from kit import clock
from tests.reliability.process import Ingest
from tests.reliability.rig import Rig
from tests.reliability.traffic import Message, message, sample

ALERTS = (sys.executable, "-m", "guanche", "alerts", "run")
FAST_KMH, SLOW_KMH = 120, 30
A_WAVE = 6
"""Samples a vehicle is fast for, and then slow for."""


class Alerts(Ingest):
    """One `guanche alerts run`."""

    def __init__(self, rig: Rig, name: str, **settings: Any) -> None:
        super().__init__(
            log=rig.folder / f"{name}.log",
            settings={"database_url": rig.database_url, **settings},
            command=ALERTS,
        )
        self._environment["GUANCHE_ALERT_HTTP_PORT"] = str(self.port)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def leads(self) -> bool:
        """Whether it says that it is its turn."""
        health = self.health()
        return health is not None and bool(health["leader"])


class Wave(NamedTuple):
    """A time for which a vehicle was too fast: [from, until)."""

    vehicle_id: int
    from_at: datetime
    until_at: datetime | None


def waves(devices: Sequence[str], count: int) -> Iterator[Message]:
    """Samples of each device in turn, fast for a while, then slow, each out of step with others."""
    for number in range(count):
        place, turn = number % len(devices), number // len(devices)
        fast = (turn + place) // A_WAVE % 2 == 1
        speed_kmh = FAST_KMH if fast else SLOW_KMH
        told = sample(clock.now_us() // 1_000, number, speed_kmh=speed_kmh)
        yield message(devices[place], told)


def read_waves(conn: Connection[Any]) -> list[Wave]:
    """What the stored samples say, in the order of their time."""
    rows = conn.execute(
        "SELECT vehicle_id, ts, speed_kmh > 90 FROM telemetry ORDER BY vehicle_id, ts, seq"
    ).fetchall()
    found: list[Wave] = []
    before: tuple[Any, ...] = (None, None, False)
    for row in rows:
        was_fast = before[2] and before[0] == row[0]
        if row[2] and not was_fast:
            found.append(Wave(row[0], row[1], None))
        elif not row[2] and was_fast:
            found[-1] = found[-1]._replace(until_at=row[1])
        before = row
    return found


class Comparison(NamedTuple):
    """What was found against what should have been."""

    waves: int
    missed: int
    doubled: int
    stray: int


def compare(conn: Connection[Any]) -> Comparison:
    """Fires of over-speed against the waves: each wave has one fire within it."""
    fires: dict[int, list[datetime]] = {}
    for vehicle_id, fired_at in conn.execute(
        "SELECT subject_id, fired_at FROM alert_fires WHERE rule_code = 'over_speed'"
        " ORDER BY subject_id, fired_at"
    ):
        fires.setdefault(vehicle_id, []).append(fired_at)
    within: list[int] = []
    truth = read_waves(conn)
    for wave in truth:
        until = wave.until_at or datetime.max.replace(tzinfo=wave.from_at.tzinfo)
        within.append(sum(wave.from_at <= at < until for at in fires.get(wave.vehicle_id, [])))
    total = sum(map(len, fires.values()))
    return Comparison(
        len(truth), within.count(0), sum(n - 1 for n in within if n > 1), total - sum(within)
    )


def alerts_in(body: bytes) -> list[dict[str, Any]]:
    """The alerts that a webhook's message tells of."""
    told: list[dict[str, Any]] = json.loads(body)["data"]["alerts"]
    return told
