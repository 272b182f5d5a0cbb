"""The command run in-process, and a small seeded fleet with readings on a real database."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from psycopg import Connection
from typer.testing import CliRunner, Result

from guanche.cli import app
from guanche.seed import seed_fleet
from kit.settings import get_settings
from simulators.roster import RosterEntry, fleet_roster

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Run]:
    """`run("status", "--json", GUANCHE_X="…")`: no other GUANCHE_ variable and no .env is seen."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GUANCHE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")

    def run_command(*arguments: str, **variables: str) -> Result:
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        get_settings.cache_clear()
        return CliRunner().invoke(app, list(arguments), prog_name="guanche")

    yield run_command
    get_settings.cache_clear()


class SeededFleet(NamedTuple):
    """Three vehicles; the first drove for ten minutes, the others were never heard."""

    database_url: str
    roster: list[RosterEntry]
    began_at: datetime


@pytest.fixture
def seeded(conn: Connection[Any], database_url: str) -> SeededFleet:
    """Committed, so that the command's own connection sees it."""
    now = datetime.now(UTC).replace(microsecond=0)
    began_at = now - timedelta(minutes=11)
    roster = fleet_roster(3, 1)
    seed_fleet(conn, roster, now)
    first = conn.execute("SELECT id FROM vehicles WHERE vin = %s", [roster[0].vin]).fetchone()
    assert first is not None
    device = conn.execute(
        "SELECT id FROM devices WHERE serial = %s", [roster[0].device_id]
    ).fetchone()
    assert device is not None
    for minute in range(11):
        insert_sample(
            conn, first[0], device[0], began_at + timedelta(minutes=minute), minute=minute
        )
    conn.execute(
        "INSERT INTO vehicle_state (vehicle_id, ts, seq, device_id, received_at, lat, lon, fix,"
        " speed_kmh, soc_pct, alarm_level, online, last_heard_at)"
        " VALUES (%s, %s, 0, %s, %s, 22.55, 114.05, true, 60, 79, 2, true, %s)",
        [first[0], began_at + timedelta(minutes=10), device[0], now, now],
    )
    conn.commit()
    return SeededFleet(database_url, roster, began_at)


def insert_sample(
    conn: Connection[Any], vehicle_id: int, device_id: int, ts: datetime, *, minute: int
) -> None:
    """Due east from 深圳 at 60 km/h, one kilometre and 0.1 % SOC a minute."""
    conn.execute(
        "INSERT INTO telemetry (vehicle_id, ts, seq, device_id, received_at, lat, lon, fix,"
        " speed_kmh, odometer_km, soc_pct, vehicle_state, charge_state)"
        " VALUES (%s, %s, 0, %s, %s, 22.55, %s, true, 60, %s, %s, 'on', 'not_charging')",
        [
            vehicle_id,
            ts,
            device_id,
            ts + timedelta(seconds=1),
            114.05 + minute * 0.009737,
            1_000 + minute,
            80 - minute / 10,
        ],
    )


def insert_refusal(
    conn: Connection[Any],
    *,
    raw: bytes,
    reason: str = "bad_json",
    device_serial: str | None = "SIM000001",
    times: int = 1,
    received_at: datetime | None = None,
) -> int:
    """A refusal as ingest stores it; its id."""
    at = received_at or datetime.now(UTC)
    row = conn.execute(
        "INSERT INTO ingest_rejects (digest, reason, detail, topic, device_serial, raw, times,"
        " received_at, last_received_at)"
        " VALUES (sha256(%s), %s, 'for a test', %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            raw + reason.encode(),
            reason,
            f"v1/{device_serial}/up/telemetry",
            device_serial,
            raw,
            times,
            at,
            at,
        ],
    ).fetchone()
    assert row is not None
    number: int = row[0]
    return number
