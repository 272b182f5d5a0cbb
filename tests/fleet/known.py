"""Eighty vehicles of every kind, and what each does by a plain reading of what is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection

from fleet.usage.model import CHARGING_STATES, MOVING_ABOVE_KMH
from fleet.usage.selection import State
from fleet.usage.service import OFFLINE_AFTER

from .seen import NOW

ORGANISATIONS = (("head", None), ("east", "head"), ("east-depot", "east"), ("west", "head"))
MODELS = ("瑞驰 EC35", "五菱 E10", "ec35 Long", None)
SOCS = (None, 0.0, 19.9, 20.0, 49.9, 50.0, 62.3, 79.9, 80.0, 99.9, 100.0)
HEARD_AGO_S = (None, 0, 179, 180, 181, 86_400)


@dataclass(frozen=True)
class Known:
    """A vehicle as it was made."""

    vin: str
    plate: str | None
    model: str | None
    operator: str | None
    has_state: bool
    last_heard_at: datetime | None
    online: bool
    speed_kmh: float | None
    charge_state: str | None
    soc_pct: float | None
    alarm_level: int | None
    odometer_km: float | None

    @property
    def state(self) -> State:
        """What it does, as `selection.py` says in words."""
        if self.last_heard_at is None:
            return "never_heard"
        if not self.online or self.last_heard_at < NOW - OFFLINE_AFTER:
            return "offline"
        if self.speed_kmh is not None and self.speed_kmh > MOVING_ABOVE_KMH:
            return "moving"
        return "charging" if self.charge_state in CHARGING_STATES else "parked"

    @property
    def is_online(self) -> bool:
        return self.state not in ("offline", "never_heard")


def make_known(random: Random, number: int) -> Known:
    has_state = random.random() < 0.9
    ago_s = random.choice(HEARD_AGO_S) if has_state else None
    seen: Callable[..., Any] = random.choice if has_state else lambda _choices: None
    return Known(
        vin=f"LSGPC52U{random.randrange(10**6):06d}{number:03d}",
        plate=None if random.random() < 0.3 else f"粤B{random.randrange(10**4):04d}{number:03d}",
        model=random.choice(MODELS),
        operator=random.choice((None, "head", "east", "east-depot", "west")),
        has_state=has_state,
        last_heard_at=None if ago_s is None else NOW - timedelta(seconds=ago_s),
        online=has_state and random.random() < 0.8,
        speed_kmh=seen((None, 0.0, 3.0, 3.5, 60.0)),
        charge_state=seen((None, "not_charging", "parked_charging", "driving_charging", "full")),
        soc_pct=seen(SOCS),
        alarm_level=seen((None, 0, 1, 2, 3, 4)),
        odometer_km=seen((None, 0.0, 10.1, 10.1, 90_000.0)),
    )


_RANDOM = Random(5)
KNOWN = [make_known(_RANDOM, number) for number in range(80)]


def insert_known(conn: Connection[Any], each: Known, ids: dict[str, int]) -> None:
    (vehicle_id,) = one(
        conn,
        "INSERT INTO vehicles (tenant_id, vin, plate, model, owner_id)"
        " VALUES (%(head)s, %(vin)s, %(plate)s, %(model)s, %(head)s) RETURNING id",
        {"head": ids["head"], "vin": each.vin, "plate": each.plate, "model": each.model},
    )
    if each.operator is not None:
        conn.execute(
            "INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id,"
            " operated_period) VALUES (%s, %s, %s, tstzrange(%s, NULL))",
            [ids["head"], vehicle_id, ids[each.operator], NOW - timedelta(days=5)],
        )
    if each.has_state:
        conn.execute(
            "INSERT INTO vehicle_state (vehicle_id, operator_id, last_heard_at, online,"
            " speed_kmh, charge_state, soc_pct, alarm_level, odometer_km, ts)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                vehicle_id,
                ids[each.operator or "head"],
                each.last_heard_at,
                each.online,
                each.speed_kmh,
                each.charge_state,
                each.soc_pct,
                each.alarm_level,
                each.odometer_km,
                NOW - timedelta(seconds=90, milliseconds=500),
            ],
        )


def one(conn: Connection[Any], query: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """The only row."""
    (found,) = conn.execute(query, row).fetchall()
    return tuple(found)
