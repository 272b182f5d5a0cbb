"""Runs the SQL that reads telemetry, latest state and refusals. Ingest alone writes them.

What is optional in a question (filters, order, the place a page begins at, which signals) is put
together here. Such a question is planned anew each time (`prepare=False`): one plan for all its
arguments may be ten times slower for some.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.usage.model import (
    CHARGING_STATES,
    MOVING_ABOVE_KMH,
    LatestState,
    ReadingNear,
    RefusalCount,
    Refused,
    RefusedMessage,
    SelectedCounts,
    StorageSummary,
    TrackPoint,
    VehicleCounts,
    VehicleRow,
)
from fleet.usage.positions import PositionColumns
from fleet.usage.selection import FULL_SOC_PCT, HEARD, STATE_SORTS, Place, Sort, VehicleFilter
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
SAMPLES_HELD: Final = 2_000
"""Of a track that is read a few at a time."""


def list_track(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    max_points: int,
) -> list[TrackPoint]:
    """The first samples of the vehicle in [from_at, until_at)."""
    row = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at}
    with conn.cursor(row_factory=class_row(TrackPoint)) as cursor:
        return cursor.execute(_queries.list_track, row | {"max_points": max_points}).fetchall()


def find_reading_near(
    conn: Connection[Any], vehicle_id: int, *, at: datetime, within: timedelta
) -> ReadingNear | None:
    """The sample nearest to `at`, at most `within` away; None if there is none."""
    row = {"vehicle_id": vehicle_id, "at": at, "within": within}
    with conn.cursor(row_factory=class_row(ReadingNear)) as cursor:
        return cursor.execute(_queries.find_reading_near, row).fetchone()


def iter_samples(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    every: timedelta | None,
) -> Iterator[TrackPoint]:
    """All samples in [from_at, until_at), or the first of each `every`, a few at a time."""
    row = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at, "every": every}
    query = _queries.list_samples if every is None else _queries.list_first_samples
    with conn.cursor(name="samples", row_factory=class_row(TrackPoint)) as cursor:
        cursor.itersize = SAMPLES_HELD
        yield from cursor.execute(query, row)


def find_latest_state(conn: Connection[Any], vehicle_id: int) -> LatestState | None:
    """The latest known state; None if the vehicle was never heard."""
    with conn.cursor(row_factory=class_row(LatestState)) as cursor:
        return cursor.execute(_queries.find_latest_state, {"vehicle_id": vehicle_id}).fetchone()


def count_vehicles(conn: Connection[Any], *, heard_since: datetime) -> VehicleCounts:
    """How many vehicles do what; those not heard since then are not online."""
    row = {
        "heard_since": heard_since,
        "moving_above_kmh": MOVING_ABOVE_KMH,
        "charging_states": list(CHARGING_STATES),
    }
    with conn.cursor(row_factory=class_row(VehicleCounts)) as cursor:
        counts = cursor.execute(_queries.count_vehicles, row).fetchone()
    assert counts is not None
    return counts


def count_refusals(conn: Connection[Any], *, since: datetime) -> list[RefusalCount]:
    """Refusals by reason, last seen at or after `since`."""
    with conn.cursor(row_factory=class_row(RefusalCount)) as cursor:
        return cursor.execute(_queries.count_refusals, {"since": since}).fetchall()


def summarise_storage(conn: Connection[Any]) -> StorageSummary:
    """How much telemetry there is, in whichever storage is in use, without counting rows."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        timescaledb: bool | None = cursor.execute(_queries.find_storage_kind).fetchone()
    query = _queries.summarise_hypertable if timescaledb else _queries.summarise_partitions
    with conn.cursor(row_factory=class_row(StorageSummary)) as cursor:
        summary = cursor.execute(query).fetchone()
    assert summary is not None
    return summary


def pick_vehicles(
    conn: Connection[Any],
    wanted: VehicleFilter,
    sort: Sort,
    *,
    after: Place | None,
    limit: int,
    heard_since: datetime,
) -> list[tuple[int, Place]]:
    """The first vehicles of the list after a place: each its id and its own place."""
    by_state = wanted.asks_state or sort in STATE_SORTS
    base = _queries.pick_vehicles_by_state if by_state else _queries.pick_vehicles
    column = sort.removeprefix("-")
    conditions = _conditions(wanted, _ALL_HAD_NOW if by_state else _EACH_HAD_NOW)
    if after is not None:
        conditions.append(_after(sort, after))
    row = _values(wanted, heard_since) | {"limit": limit}
    if after is not None:
        row |= {"after_key": after.key, "after_vin": after.vin}
    with conn.cursor(row_factory=dict_row) as cursor:
        query = _where(base, conditions) + _ordered(sort)
        found = cursor.execute(query, row, prepare=False).fetchall()
    return [(one["id"], Place(one[column], one["vin"])) for one in found]


def describe_vehicles(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, now: datetime, heard_since: datetime
) -> list[VehicleRow]:
    """These vehicles, in the order given."""
    row = _STATE_LIMITS | {"ids": list(vehicle_ids), "now": now, "heard_since": heard_since}
    with conn.cursor(row_factory=class_row(VehicleRow)) as cursor:
        return cursor.execute(_queries.describe_vehicles, row).fetchall()


def count_selected(
    conn: Connection[Any], wanted: VehicleFilter, *, heard_since: datetime
) -> SelectedCounts:
    """How many of the vehicles do what."""
    query = _where(_queries.count_selected, _conditions(wanted, _ALL_HAD_NOW))
    with conn.cursor(row_factory=class_row(SelectedCounts)) as cursor:
        values = _values(wanted, heard_since)
        counts = cursor.execute(query, values, prepare=False).fetchone()
    assert counts is not None
    return counts


def list_positions(
    conn: Connection[Any], *, now: datetime, heard_since: datetime
) -> PositionColumns:
    """Where every vehicle was last heard, in WGS-84."""
    with conn.cursor(binary=True, row_factory=class_row(PositionColumns)) as cursor:
        row = {"now": now, "heard_since": heard_since}
        query = _where(_queries.list_positions, [_ALL_HAD_NOW])
        found = cursor.execute(query, row, prepare=False).fetchone()
    assert found is not None
    return PositionColumns._make(column or [] for column in found)


def list_places(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    max_samples: int,
) -> list[tuple[Any, ...]]:
    """The first samples with a position in [from_at, until_at), as tuples: a day has thousands."""
    row: dict[str, Any] = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at}
    row |= {"max_samples": max_samples}
    with conn.cursor(binary=True) as cursor:
        return cursor.execute(_queries.list_places, row, prepare=False).fetchall()


def list_signals(
    conn: Connection[Any],
    vehicle_id: int,
    signals: Sequence[str],
    *,
    from_at: datetime,
    until_at: datetime,
    bucket_s: int,
) -> list[tuple[Any, ...]]:
    """Each bucket with a sample: its begin, then lowest, mean, highest and number a signal."""
    before, after = _queries.list_signals.split("/* signals */")
    summed = (_SUMMED.format(signal=sql.Identifier(signal)) for signal in signals)
    query = sql.SQL(before) + sql.SQL("").join(summed) + sql.SQL(after)
    row: dict[str, Any] = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at}
    row |= {"bucket": timedelta(seconds=bucket_s)}
    with conn.cursor() as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def list_visible_refusals(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Refused]:
    """Refusals in sight, the last received first. `filters` are of REFUSAL_FILTERS."""
    conditions = [REFUSAL_FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_REFUSALS_AFTER)
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    query = _where(_queries.list_visible_refusals, conditions) + _LAST_RECEIVED_FIRST
    with conn.cursor(row_factory=class_row(Refused)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_refusal(conn: Connection[Any], refusal_id: int) -> RefusedMessage | None:
    """The refusal with this number, if there is one in sight."""
    with conn.cursor(row_factory=class_row(RefusedMessage)) as cursor:
        return cursor.execute(_queries.find_refusal, {"id": refusal_id}).fetchone()


def _where(query: LiteralString, conditions: Sequence[sql.Composable]) -> sql.Composed:
    if not conditions:
        return sql.Composed([sql.SQL(query)])
    return sql.Composed([sql.SQL(query), sql.SQL(" WHERE "), sql.SQL(" AND ").join(conditions)])


def _conditions(wanted: VehicleFilter, had_now: sql.Composable) -> list[sql.Composable]:
    """What the filter asks of the vehicle v, its latest state s and what it does, c."""
    conditions = [] if wanted.former else [had_now]
    for name, condition in _CONDITIONS.items():
        if getattr(wanted, name) is not None:
            conditions.append(condition)
    return conditions


def _values(wanted: VehicleFilter, heard_since: datetime) -> dict[str, Any]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    fixed = {"heard": list(HEARD), "heard_since": heard_since, "full": FULL_SOC_PCT}
    return _STATE_LIMITS | given | fixed


def _after(sort: Sort, after: Place) -> sql.Composable:
    """What stands after the place in this order."""
    if sort == "vin":
        return sql.SQL("v.vin > %(after_vin)s")
    key, kind = _KEYS[sort.removeprefix("-")]
    if after.key is None:
        return sql.SQL("({key} IS NULL AND v.vin > %(after_vin)s)").format(key=key)
    further = sql.SQL("<") if sort.startswith("-") else sql.SQL(">")
    return _AFTER_KEY.format(key=key, kind=kind, further=further)


def _ordered(sort: Sort) -> sql.Composable:
    if sort == "vin":
        return sql.SQL(" ORDER BY v.vin LIMIT %(limit)s")
    key, _kind = _KEYS[sort.removeprefix("-")]
    way = sql.SQL("DESC") if sort.startswith("-") else sql.SQL("ASC")
    return _IN_ORDER.format(key=key, way=way)


_STATE_LIMITS: Final[dict[str, Any]] = {
    "moving_above_kmh": MOVING_ABOVE_KMH,
    "charging_states": list(CHARGING_STATES),
}
_HAS_IT_NOW = sql.SQL(
    "((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)"
    " OR EXISTS (SELECT FROM visible_operated_vehicles p"
    " WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period){one_by_one}))"
)
"""Owned, or operated now."""
_EACH_HAD_NOW = _HAS_IT_NOW.format(one_by_one=sql.SQL(" OFFSET 0"))
"""Looked up vehicle by vehicle: where a few of many are read in order."""
_ALL_HAD_NOW = _HAS_IT_NOW.format(one_by_one=sql.SQL(""))
_CONDITIONS: Final[Mapping[str, sql.SQL]] = {
    "organisation_code": sql.SQL(
        "v.id IN (SELECT p.vehicle_id FROM vehicle_operators p"
        " JOIN organisation_closure b ON b.descendant_id = p.organisation_id"
        " JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE a.code = %(organisation_code)s AND upper_inf(p.operated_period))"
    ),
    "state": sql.SQL("c.state = %(state)s"),
    "online": sql.SQL("(c.state = ANY (%(heard)s)) = %(online)s"),
    "soc_min_pct": sql.SQL("s.soc_pct >= %(soc_min_pct)s::real"),
    "soc_below_pct": sql.SQL(
        "(s.soc_pct < %(soc_below_pct)s::real"
        " OR s.soc_pct = %(full)s AND %(soc_below_pct)s = %(full)s)"
    ),
    "alarm_min": sql.SQL("s.alarm_level >= %(alarm_min)s"),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), v.vin, v.plate, v.model))) > 0"
    ),
}
"""By the filter's field; where it is None nothing is asked."""

_KEYS: Final[Mapping[str, tuple[sql.SQL, sql.SQL]]] = {
    "plate": (sql.SQL("v.plate"), sql.SQL("text")),
    "last_heard_at": (sql.SQL("s.last_heard_at"), sql.SQL("timestamptz")),
    "soc_pct": (sql.SQL("s.soc_pct"), sql.SQL("real")),
    "odometer_km": (sql.SQL("s.odometer_km"), sql.SQL("double precision")),
}
"""What is sorted by and its type: a place given as another type would not be found again."""
_AFTER_KEY = sql.SQL(
    "({key} {further} %(after_key)s::{kind} OR {key} IS NULL"
    " OR {key} = %(after_key)s::{kind} AND v.vin > %(after_vin)s)"
)
_IN_ORDER = sql.SQL(" ORDER BY {key} {way} NULLS LAST, v.vin LIMIT %(limit)s")
_SUMMED = sql.SQL(", min({signal}), avg({signal})::float8, max({signal}), count({signal})")

REFUSAL_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "reason": sql.SQL("r.reason = %(reason)s"),
    "device_serial": sql.SQL("r.device_serial = %(device_serial)s"),
    "from_at": sql.SQL("r.last_received_at >= %(from_at)s"),
    "until_at": sql.SQL("r.last_received_at < %(until_at)s"),
}
_REFUSALS_AFTER = sql.SQL("(r.last_received_at, r.id) < (%(after_at)s, %(after_id)s)")
_LAST_RECEIVED_FIRST = sql.SQL(" ORDER BY r.last_received_at DESC, r.id DESC LIMIT %(limit)s")
