"""Answers where a vehicle was, how it is, how the fleet does, and what was refused.

Decides which verb each answer takes and what of it is written down: that exact positions were
looked at, once an hour; that a track was, each time. Whose rows are seen is the database's: after a
transfer each side sees the readings of its own period only. What a
vehicle brought in is decided in `profit.py`, for who knows its amounts. Leaves out trips.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.registry import service as registry
from fleet.usage import store
from fleet.usage.errors import RefusalNotFound
from fleet.usage.locations import EXACT, is_masked, position_shown_to, shown_to
from fleet.usage.model import (
    FleetSummary,
    LatestState,
    ReadingNear,
    Refused,
    RefusedMessage,
    SelectedCounts,
    TrackPoint,
    VehicleNow,
    VehiclePage,
    VehicleRow,
)
from fleet.usage.positions import Bbox, Positions, on_map
from fleet.usage.profit import (
    COST_PARTS,
    OTHERS,
    REPAIRS,
    Income,
    Outlay,
    outlay_of,
    profit_fen,
)
from fleet.usage.selection import Place, Sort, VehicleFilter
from fleet.usage.signals import SignalHistory, as_series, check_signals, choose_bucket_s
from fleet.usage.spans import check_span
from fleet.usage.tracks import MAX_SAMPLES, Track, tell_way
from kit.datum import Datum
from schemas.access import Actor

__all__ = [
    "COST_PARTS",
    "OFFLINE_AFTER",
    "OTHERS",
    "REPAIRS",
    "FleetSummary",
    "Income",
    "LatestState",
    "Outlay",
    "Place",
    "ReadingNear",
    "TrackPoint",
    "VehicleFilter",
    "VehicleNow",
    "VehiclePage",
    "VehicleRow",
    "count_vehicles_by",
    "describe_vehicles",
    "fleet_summary",
    "get_refusal",
    "latest_positions",
    "latest_state",
    "list_refusals",
    "list_vehicles",
    "note_locations",
    "outlay_of",
    "position_shown_to",
    "profit_fen",
    "read_track",
    "reading_near",
    "signal_history",
    "stream_samples",
    "vehicle_detail",
    "vehicle_track",
]

OFFLINE_AFTER: Final = timedelta(seconds=180)
REFUSALS_WINDOW: Final = timedelta(hours=24)
LOCATIONS_NOTED_EVERY: Final = timedelta(hours=1)


def vehicle_track(
    conn: Connection[Any],
    actor: Actor,
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
    actor.require("track.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    return store.list_track(conn, vehicle.id, from_at=from_at, until_at=until_at, max_points=limit)


def latest_state(conn: Connection[Any], actor: Actor, *, vin: str) -> LatestState | None:
    """The latest known state of the vehicle; None if it was never heard.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.find_latest_state(conn, registry.get_vehicle(conn, actor, vin=vin).id)


def reading_near(
    conn: Connection[Any], *, vehicle_id: int, at: datetime, within: timedelta
) -> ReadingNear | None:
    """What the vehicle said nearest to `at`, at most `within` away; None: nothing in sight.

    Whoever calls decides who may ask, and shows positions by `position_shown_to`.
    """
    return store.find_reading_near(conn, vehicle_id, at=at, within=within)


def fleet_summary(
    conn: Connection[Any], actor: Actor, *, now: datetime, offline_after: timedelta = OFFLINE_AFTER
) -> FleetSummary:
    """The fleet at `now`: who is heard, moving, charging, in alarm; how much is stored, refused.

    Cheap enough for a table redrawn every second: it reads one row a vehicle, the refusals of a day
    and the database's own statistics, and never the telemetry.
    """
    actor.require("vehicle.read")
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


def list_vehicles(
    conn: Connection[Any],
    actor: Actor,
    wanted: VehicleFilter,
    *,
    sort: Sort = "vin",
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> VehiclePage:
    """Some of the vehicles the actor's organisations own or operate now, after a place."""
    actor.require("vehicle.read")
    heard_since = now - offline_after
    picked = store.pick_vehicles(
        conn, wanted, sort, after=after, limit=limit + 1, heard_since=heard_since
    )
    page = picked[:limit]
    ids = [vehicle_id for vehicle_id, _place in page]
    rows = store.describe_vehicles(conn, ids, now=now, heard_since=heard_since)
    shown = [shown_to(actor, row) for row in rows]
    note_locations(conn, actor, now)
    return VehiclePage(shown, page[-1][1] if len(picked) > limit else None, is_masked(actor))


def describe_vehicles(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle_ids: Sequence[int],
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> VehiclePage:
    """These vehicles and how they are, in the order given; for lists that others pick."""
    actor.require("vehicle.read")
    rows = store.describe_vehicles(conn, vehicle_ids, now=now, heard_since=now - offline_after)
    note_locations(conn, actor, now)
    return VehiclePage([shown_to(actor, row) for row in rows], None, is_masked(actor))


def count_vehicles_by(
    conn: Connection[Any],
    actor: Actor,
    wanted: VehicleFilter,
    *,
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> SelectedCounts:
    """How many of the same vehicles do what."""
    actor.require("vehicle.read")
    return store.count_selected(conn, wanted, heard_since=now - offline_after)


def vehicle_detail(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> VehicleNow:
    """What the vehicle is, who has it and how it is.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    actor.require("vehicle.read")
    card = registry.get_vehicle(conn, actor, vin=vin)
    (row,) = store.describe_vehicles(conn, [card.id], now=now, heard_since=now - offline_after)
    latest = store.find_latest_state(conn, card.id)
    shown = None if latest is None else shown_to(actor, latest)
    note_locations(conn, actor, now)
    return VehicleNow(shown_to(actor, row), card.version, shown, is_masked(actor))


def latest_positions(
    conn: Connection[Any],
    actor: Actor,
    *,
    datum: Datum = "wgs84",
    bbox: Bbox | None = None,
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> Positions:
    """Where all vehicles are that the actor's organisations own or operate now, as last heard.

    Those whose position is unknown are left out. `bbox` is of the datum.
    """
    actor.require("vehicle.read")
    found = store.list_positions(conn, now=now, heard_since=now - offline_after)
    masked = is_masked(actor)
    shown = on_map(found, datum=datum, bbox=bbox, masked=masked)
    note_locations(conn, actor, now)
    return Positions(datum, now, masked, shown)


def read_track(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    from_at: datetime,
    until_at: datetime,
    max_points: int = 1_000,
    tolerance_m: float = 0.0,
    datum: Datum = "wgs84",
    now: datetime,
) -> Track:
    """The way of the vehicle in [from_at, until_at), told by at most `max_points` samples.

    Where somebody has been is sensitive (个人信息保护法 §28): each look is written down.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
        PeriodEmpty, PeriodTooLong: the period cannot be read at once.
    """
    actor.require("track.read")
    check_span(from_at, until_at)
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    samples = store.list_places(
        conn, vehicle.id, from_at=from_at, until_at=until_at, max_samples=MAX_SAMPLES + 1
    )
    way = tell_way(samples, max_points=max_points, tolerance_m=tolerance_m, datum=datum)
    told = {"from": from_at.isoformat(), "until": until_at.isoformat()}
    registry.record_act(conn, actor, "track.read", vehicle, now=now, after=told)
    return Track(vehicle.vin, from_at, until_at, datum, way)


def stream_samples(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle_id: int,
    vin: str,
    tenant_id: int,
    from_at: datetime,
    until_at: datetime,
    every: timedelta | None,
    now: datetime,
) -> Iterator[TrackPoint]:
    """All samples in [from_at, until_at), or the first of each `every`, read a few at a time.

    For another slice, which found the vehicle. Each look is written down before it begins.
    """
    actor.require("track.read")
    audit.record(
        conn,
        actor,
        "track.read",
        object_kind="vehicle",
        object_key=vin,
        now=now,
        after={"from": from_at.isoformat(), "until": until_at.isoformat()},
        organisation_id=tenant_id,
    )
    return store.iter_samples(conn, vehicle_id, from_at=from_at, until_at=until_at, every=every)


def signal_history(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    signals: Sequence[str],
    from_at: datetime,
    until_at: datetime,
    bucket_s: int | None = None,
) -> SignalHistory:
    """Lowest, mean and highest reading of each signal in buckets that begin at `from_at`.

    `bucket_s` None is as fits a chart.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
        SignalUnknown, TooManySignals, TooManyBuckets, PeriodEmpty, PeriodTooLong: not at once.
    """
    actor.require("signal.read")
    check_span(from_at, until_at)
    names = check_signals(signals)
    bucket_s = choose_bucket_s(until_at - from_at, bucket_s)
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    rows = store.list_signals(
        conn, vehicle.id, names, from_at=from_at, until_at=until_at, bucket_s=bucket_s
    )
    return SignalHistory(vehicle.vin, from_at, until_at, bucket_s, as_series(names, rows))


def list_refusals(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Refused]:
    """What was refused of the devices in sight, the last received first.

    `filters`: reason, device_serial, from_at, until_at, the latter two of the last receipt.
    """
    actor.require("refusal.read")
    return store.list_visible_refusals(conn, filters, after=after, limit=limit)


def get_refusal(
    conn: Connection[Any], actor: Actor, *, refusal_id: int, now: datetime
) -> RefusedMessage:
    """One refusal with its bytes, which may hold a position and so take `location.read`.

    Raises:
        RefusalNotFound: there is none in sight.
    """
    actor.require("refusal.read")
    found = store.find_refusal(conn, refusal_id)
    if found is None:
        raise RefusalNotFound(f"no refusal has the number {refusal_id}", refusal_id=refusal_id)
    if is_masked(actor):
        return replace(found, raw=None)
    note_locations(conn, actor, now)
    return found


def note_locations(conn: Connection[Any], actor: Actor, now: datetime) -> None:
    """Write down once in a while that the actor saw exact positions, if it did."""
    if actor.may(EXACT) and actor.organisation_code is not None:
        audit.record_once(
            conn,
            actor,
            EXACT,
            object_kind="fleet",
            object_key=actor.organisation_code,
            now=now,
            within=LOCATIONS_NOTED_EVERY,
        )
