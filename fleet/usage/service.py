"""Answers where a vehicle was, how it is, and how the fleet does.

Decides nothing about money or trips yet; those come from the same readings by other calculations.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.registry import service as registry
from fleet.usage import store
from fleet.usage.model import FleetSummary, LatestState, TrackPoint

OFFLINE_AFTER: Final = timedelta(seconds=180)
REFUSALS_WINDOW: Final = timedelta(hours=24)


def vehicle_track(
    conn: Connection[Any],
    *,
    vin: str,
    from_at: datetime,
    until_at: datetime,
    limit: int = 10_000,
) -> list[TrackPoint]:
    """The samples of the vehicle in [from_at, until_at), oldest first, at most `limit`.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    vehicle = registry.get_vehicle(conn, vin=vin)
    return store.list_track(conn, vehicle.id, from_at=from_at, until_at=until_at, max_points=limit)


def latest_state(conn: Connection[Any], *, vin: str) -> LatestState | None:
    """The latest known state of the vehicle; None if it was never heard.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.find_latest_state(conn, registry.get_vehicle(conn, vin=vin).id)


def fleet_summary(
    conn: Connection[Any], *, now: datetime, offline_after: timedelta = OFFLINE_AFTER
) -> FleetSummary:
    """The fleet at `now`: who is heard, moving, charging, in alarm; how much is stored, refused.

    Cheap enough for a table redrawn every second: it reads one row a vehicle, the refusals of a day
    and the database's own statistics, and never the telemetry.
    """
    counts = store.count_vehicles(conn, heard_since=now - offline_after)
    storage = store.summarise_storage(conn)
    refusals = store.count_refusals(conn, since=now - REFUSALS_WINDOW)
    newest = counts.newest_received_at
    return FleetSummary(
        vehicles=counts.vehicles,
        online=counts.online,
        moving=counts.moving,
        charging=counts.charging,
        vehicles_by_alarm_level={
            1: counts.alarm_1,
            2: counts.alarm_2,
            3: counts.alarm_3,
            4: counts.alarm_4,
        },
        newest_sample_at=counts.newest_sample_at,
        oldest_chunk_at=storage.oldest_chunk_at,
        lag_s=None if newest is None else (now - newest).total_seconds(),
        median_delay_s=counts.median_delay_s,
        rows_estimate=storage.rows_estimate,
        refusals_by_reason={count.reason: count.refusals for count in refusals},
    )
