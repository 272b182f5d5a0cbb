"""The samples of the API's bench, made in the database by SQL, and how they can be kept.

Decides how many vehicles report how often, so that the wanted number comes together: a few every
10 s, some every 30 s, most rarely. Rows are written in the order of time, as ingest would, so that
a vehicle's day lies scattered over its chunks. Each chunk is one transaction, and two are written
at a time. Leaves out the server (`api_server.py`).
"""

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection, sql

from bench.api_fleet import register_fleet
from bench.moments import hour_km, make_hour
from bench.rig import SQL
from guanche.commands.migrate import MIGRATIONS
from ingest.storage import open_storage
from kit import clock, db
from kit.migrate import migrate
from kit.settings import Settings

DAYS: Final = 5
QUICK_PERIOD_S: Final = 10
BUSY_PERIOD_S: Final = 30
QUICK_SHARE: Final = 0.2
RARE_SHARE: Final = 0.45
"""Of all samples, at most; what is left is the busy ones'."""
RARE_PERIODS_S: Final = (60, 120, 180, 240, 300, 400, 450, 600, 720, 900, 1200, 1800, 3600, 7200,
                         14_400, 21_600, 43_200)  # fmt: skip
"""Whole parts of half a day, the span of a chunk."""
HOURS_A_CHUNK: Final = 12
LOADERS: Final = 2
_MANIFEST: Final = "dataset.json"
CHINA: Final = timedelta(hours=8)
Say = Callable[[str], None]


class Cohort(msgspec.Struct, frozen=True):
    """So many vehicles send a sample every `period_s`."""

    vehicles: int
    period_s: int

    @property
    def samples_a_day(self) -> int:
        """Of all its vehicles."""
        return self.vehicles * 86_400 // self.period_s


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded, and where it rests."""

    place: str
    """Directory that holds the server's data."""
    kind: str
    storage: str
    """In words."""
    vehicles: int
    seed: int
    cohorts: list[Cohort]
    from_at: datetime
    until_at: datetime
    """Samples lie in [from_at, until_at)."""
    handed_over_at: datetime
    samples: int
    load_s: float
    bytes: int
    """Of the database, with its indexes."""

    @property
    def days(self) -> list[datetime]:
        """When each whole day in China begins."""
        first = (self.from_at + CHINA).replace(hour=0) - CHINA
        first += timedelta(days=first < self.from_at)
        count = (self.until_at - first) // timedelta(days=1)
        return [first + timedelta(days=n) for n in range(count)]


def plan_cohorts(samples: int, vehicles: int, days: int = DAYS) -> list[Cohort]:
    """Quick, busy and rare ones that send so many samples at least, and few more.

    Raises:
        ValueError: so few vehicles cannot send so many in that time.

    >>> plan_cohorts(50_000_000, 30_000)
    [Cohort(vehicles=231, period_s=10), Cohort(vehicles=1359, period_s=30), \
Cohort(vehicles=28410, period_s=600)]
    """
    a_day = samples / days
    quick = max(1, int(a_day * QUICK_SHARE * QUICK_PERIOD_S / 86_400))
    fitting = (s for s in RARE_PERIODS_S if vehicles * 86_400 / s <= a_day * RARE_SHARE)
    period_s = next(fitting, RARE_PERIODS_S[-1])
    rare_a_day = 86_400 // period_s
    left = a_day - quick * 86_400 / QUICK_PERIOD_S - (vehicles - quick) * rare_a_day
    busy = max(1, math.ceil(left / (86_400 / BUSY_PERIOD_S - rare_a_day)))
    if quick + busy >= vehicles:
        raise ValueError(f"{vehicles:,} vehicles do not send {samples:,} samples in {days} days")
    return [
        Cohort(quick, QUICK_PERIOD_S),
        Cohort(busy, BUSY_PERIOD_S),
        Cohort(vehicles - quick - busy, period_s),
    ]


def samples_of(cohorts: list[Cohort], days: int = DAYS) -> int:
    """How many samples they send."""
    return days * sum(cohort.samples_a_day for cohort in cohorts)


def load_dataset(
    url: str, *, samples: int, vehicles: int, seed: int, place: Path, say: Say
) -> Dataset:
    """Make tables, fleet and samples in an empty database.

    Raises:
        ValueError: as `plan_cohorts`.
    """
    cohorts = plan_cohorts(samples, vehicles)
    until_at = _chunk_begin(clock.now())
    from_at = until_at - timedelta(days=DAYS)
    handed_over_at = from_at + timedelta(days=DAYS / 2)
    with closing(db.connect(url, application_name="fleetbench", autocommit=True)) as conn:
        migrate(conn, MIGRATIONS)
        storage = open_storage(conn, chunk_hours=Settings().chunk_hours)
        now = clock.now()
        with conn.transaction():
            storage.ensure(conn, now)
            register_fleet(
                conn, vehicles=vehicles, seed=seed, now=now, handed_over_at=handed_over_at
            )
        say(f"loading {samples_of(cohorts):,} samples …")
        loader = Loader(url, cohorts, seed, from_at, until_at)
        loaded, load_s = loader.load(say)
        with conn.transaction():
            conn.execute(SQL.fill_states, {"before_at": _last_afternoon(until_at)})
        loader.vacuum()
        size = _size_of(conn)
    return Dataset(
        place=str(place),
        kind=storage.info.kind,
        storage=storage.info.description,
        vehicles=vehicles,
        seed=seed,
        cohorts=cohorts,
        from_at=from_at,
        until_at=until_at,
        handed_over_at=handed_over_at,
        samples=loaded,
        load_s=load_s,
        bytes=size,
    )


def read_dataset(folder: Path) -> Dataset | None:
    """What an earlier bench has kept in a folder; None if its data are gone, or it kept none."""
    manifest = folder / _MANIFEST
    if not manifest.exists():
        return None
    found = msgspec.json.decode(manifest.read_bytes(), type=Dataset)
    return found if (Path(found.place) / "data" / "PG_VERSION").exists() else None


def write_dataset(folder: Path, dataset: Dataset) -> None:
    """Leave word of what is kept, and where."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MANIFEST).write_bytes(msgspec.json.encode(dataset))


class Loader:
    """Writes the samples, a chunk a transaction and two at a time."""

    def __init__(
        self,
        url: str,
        cohorts: list[Cohort],
        seed: int,
        from_at: datetime,
        until_at: datetime,
    ) -> None:
        self._url = url
        self._cohorts = cohorts
        self._seed = seed
        span = timedelta(hours=HOURS_A_CHUNK)
        self._chunks = [from_at + n * span for n in range((until_at - from_at) // span)]

    def load(self, say: Say) -> tuple[int, float]:
        """Samples, and the seconds that took."""
        began_s, loaded = clock.monotonic(), 0
        with ThreadPoolExecutor(LOADERS) as pool:
            for number, rows in enumerate(pool.map(self._load_chunk, self._chunks), 1):
                loaded += rows
                rate = loaded / (clock.monotonic() - began_s)
                say(f"  {number} of {len(self._chunks)} chunks, {rate:,.0f} samples/s")
        return loaded, clock.monotonic() - began_s

    def vacuum(self) -> None:
        """As autovacuum would in time, so that it does not come while something is measured."""
        with closing(self._connect()) as conn:
            names = [name for (name,) in conn.execute(SQL.list_tables).fetchall()]
        with ThreadPoolExecutor(LOADERS) as pool:
            list(pool.map(self._vacuum, names))
        with closing(self._connect()) as conn:
            conn.execute(SQL.analyze_everything)

    def _vacuum(self, name: str) -> None:
        with closing(self._connect()) as conn:
            conn.execute(sql.SQL("VACUUM {}").format(sql.SQL(name)))

    def _connect(self) -> Connection[Any]:
        return db.connect(self._url, application_name="fleetbench load", autocommit=True)

    def _load_chunk(self, chunk_at: datetime) -> int:
        """Half a day, hour by hour."""
        rows, first_s = 0, int(chunk_at.timestamp())
        first_day = (int(self._chunks[0].timestamp()) + int(CHINA.total_seconds())) // 86_400
        with closing(self._connect()) as conn:
            _prepare_loading(conn, self._cohorts, self._seed)
            with conn.transaction(), conn.cursor() as cursor:
                for hour in range(HOURS_A_CHUNK):
                    for number, cohort in enumerate(self._cohorts):
                        span_h = max(1, cohort.period_s // 3600)
                        if hour % span_h:
                            continue
                        parameters = {
                            "from_s": first_s + hour * 3600,
                            "until_s": first_s + (hour + span_h) * 3600,
                            "period_s": cohort.period_s,
                            "cohort": number,
                            "hour_km": hour_km(self._seed),
                            "first_day": first_day,
                        }
                        cursor.execute(SQL.insert_samples, parameters)
                        rows += cursor.rowcount
        return rows


def _prepare_loading(conn: Connection[Any], cohorts: list[Cohort], seed: int) -> None:
    """The tables of this session that the samples are made from."""
    conn.execute(SQL.prepare_load_session)
    conn.execute(SQL.create_load_fleet)
    conn.execute(SQL.create_load_hour)
    with conn.cursor() as cursor, cursor.copy(SQL.copy_load_hour) as copy:
        for second, moment in enumerate(make_hour(seed)):
            tail = json.loads(b"{" + moment.json_tail)
            copy.write_row(
                (second, moment.north_deg, moment.east_deg, moment.distance_km, *tail.values())
            )
    quick, busy, _ = cohorts
    conn.execute(SQL.fill_load_fleet, {"quick": quick.vehicles, "busy": busy.vehicles})
    conn.execute(SQL.index_load_fleet)
    conn.execute(SQL.analyze_load_tables)


def _size_of(conn: Connection[Any]) -> int:
    row = conn.execute(SQL.find_database_size).fetchone()
    assert row is not None
    return int(row[0])


def _chunk_begin(now: datetime) -> datetime:
    """When the chunk of this instant began."""
    hour = now.hour // HOURS_A_CHUNK * HOURS_A_CHUNK
    return now.replace(hour=hour, minute=0, second=0, microsecond=0)


def _last_afternoon(until_at: datetime) -> datetime:
    """The last three in the afternoon in China: most vehicles are on their way."""
    at = until_at.replace(hour=7)
    return at if at < until_at else at - timedelta(days=1)
