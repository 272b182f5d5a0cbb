"""Where telemetry rests: ensured again and again, made ahead without gap, dropped when past."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from psycopg import Connection, errors

from ingest.storage import Hypertable, Partitions, Storage, StorageInfo, detect, open_storage

from .builders import sample_at, telemetry
from .conftest import PLAIN_ONLY, TIMESCALE_ONLY, Fleet

NOW = datetime(2031, 5, 17, 10, 20, 30, 400, tzinfo=UTC)
"""Far from the partitions that are there already."""
PLAIN = StorageInfo("postgresql", None, "18", "18")


def periods(conn: Connection[Any]) -> list[tuple[datetime, datetime]]:
    """What the book-keeping says, in order."""
    query = "SELECT from_at, until_at FROM telemetry_partitions ORDER BY from_at"
    return list(conn.execute(query).fetchall())


def attached(conn: Connection[Any]) -> set[str]:
    """The partitions there are."""
    query = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'telemetry'::regclass"
    )
    return {name for (name,) in conn.execute(query).fetchall()}


@pytest.fixture
def plain(conn: Connection[Any]) -> Connection[Any]:
    """A database with native partitions, without any yet."""
    conn.execute("SELECT telemetry_drop_partitions('infinity')")
    return conn


def partitions(hours: int) -> Partitions:
    return Partitions(PLAIN, timedelta(hours=hours))


def test_the_kind_is_told(conn: Connection[Any], storage: str) -> None:
    found = open_storage(conn, chunk_hours=12)
    assert found.info == detect(conn)
    assert found.info.kind == storage
    assert type(found) is (Hypertable if storage == "timescaledb" else Partitions)
    words = "TimescaleDB" if storage == "timescaledb" else "plain PostgreSQL"
    assert found.info.description.startswith(words)


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (PLAIN, "plain PostgreSQL 18, native partitions"),
        (
            StorageInfo("timescaledb", "community", "2.19", "17.5"),
            "TimescaleDB 2.19 Community on PostgreSQL 17.5",
        ),
        (
            StorageInfo("timescaledb", "apache", "2.19", "17.5"),
            "TimescaleDB 2.19 Apache on PostgreSQL 17.5",
        ),
    ],
    ids=["plain", "Community", "Apache"],
)
def test_the_kind_in_words(info: StorageInfo, words: str) -> None:
    assert info.description == words


def test_ensure_may_be_run_again(fleet: Fleet) -> None:
    found: Storage = open_storage(fleet.conn, chunk_hours=12)
    fleet.write(telemetry(sample_at(fleet.now_us)))
    before = found.count(fleet.conn)
    for _ in range(2):
        found.ensure(fleet.conn, fleet.now)
    assert found.count(fleet.conn) == before
    assert found.create_ahead(fleet.conn, fleet.now) == 0
    assert len(fleet.telemetry()) == 1


@PLAIN_ONLY
@pytest.mark.parametrize("hours", [6, 7, 12, 24, 168])
def test_made_ahead_without_gap(plain: Connection[Any], hours: int) -> None:
    made = partitions(hours).create_ahead(plain, NOW)
    found = periods(plain)
    assert len(found) == made == len(attached(plain)) == partitions(hours).count(plain)
    assert found[0][0] <= NOW - timedelta(days=30)
    assert found[-1][1] >= NOW + timedelta(days=2, minutes=5)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert {until - since for since, until in found} == {timedelta(hours=hours)}
    assert partitions(hours).create_ahead(plain, NOW) == 0


@PLAIN_ONLY
@pytest.mark.parametrize("changes", [(12, 6, 24), (24, 6), (6, 24), (7, 12), (168, 8)], ids=str)
def test_no_gap_after_the_span_was_changed(
    plain: Connection[Any], changes: tuple[int, ...]
) -> None:
    for later, hours in enumerate(changes):
        partitions(hours).create_ahead(plain, NOW + timedelta(days=3 * later))
    found = periods(plain)
    assert found[0][0] <= NOW - timedelta(days=30)
    last = NOW + timedelta(days=3 * len(changes) - 3 + 2, minutes=5)
    assert found[-1][1] >= last
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert len(attached(plain)) == len(found)


@PLAIN_ONLY
def test_a_hole_is_filled(plain: Connection[Any]) -> None:
    partitions(12).create_ahead(plain, NOW)
    before = periods(plain)
    gone = before[10:13]
    for since, _ in gone:
        row = plain.execute(
            "DELETE FROM telemetry_partitions WHERE from_at = %s RETURNING name", [since]
        ).fetchone()
        assert row is not None
        plain.execute(f'DROP TABLE "{row[0]}"')
    assert partitions(12).create_ahead(plain, NOW) == 3
    assert periods(plain) == before


@PLAIN_ONLY
def test_dropped_is_only_what_ended_before(plain: Connection[Any]) -> None:
    partitions(12).create_ahead(plain, NOW)
    before = periods(plain)
    boundary = before[5][1]
    assert partitions(12).drop_before(plain, boundary - timedelta(microseconds=1)) == 5
    assert periods(plain) == before[5:]
    assert partitions(12).drop_before(plain, boundary) == 1
    assert periods(plain) == before[6:]
    assert len(attached(plain)) == len(before) - 6
    assert partitions(12).drop_before(plain, boundary) == 0


def test_samples_go_with_their_chunk_and_no_others(fleet: Fleet) -> None:
    days = [30, 20, 10, 0]
    for ago in days:
        at_us = fleet.now_us - ago * 86_400_000_000
        fleet.write(telemetry(sample_at(at_us)), received_us=at_us)
    found = open_storage(fleet.conn, chunk_hours=12)
    before = found.count(fleet.conn)
    dropped = found.drop_before(fleet.conn, fleet.now - timedelta(days=15))
    kept = [(fleet.now - row["ts"]).days for row in fleet.telemetry()]
    assert kept == [10, 0]
    assert dropped == before - found.count(fleet.conn)
    assert dropped >= 2


@PLAIN_ONLY
def test_plain_partitions_are_never_compressed(plain: Connection[Any]) -> None:
    assert partitions(12).compress(plain, NOW) == 0


@TIMESCALE_ONLY
def test_the_span_of_chunks_is_set(conn: Connection[Any]) -> None:
    for hours in (12, 6):
        open_storage(conn, chunk_hours=hours).ensure(conn, NOW)
        row = conn.execute(
            "SELECT time_interval FROM timescaledb_information.dimensions"
            " WHERE hypertable_name = 'telemetry'"
        ).fetchone()
        assert row == (timedelta(hours=hours),)


@TIMESCALE_ONLY
def test_chunks_have_the_span_set(fleet: Fleet) -> None:
    open_storage(fleet.conn, chunk_hours=6).ensure(fleet.conn, fleet.now)
    fleet.write(telemetry(sample_at(fleet.now_us)))
    rows = fleet.find("SELECT range_end - range_start AS span FROM timescaledb_information.chunks")
    assert [row["span"] for row in rows] == [timedelta(hours=6)]


def test_compression_is_the_community_editions(fleet: Fleet, storage: str) -> None:
    found = open_storage(fleet.conn, chunk_hours=12)
    at_us = fleet.now_us - 20 * 86_400_000_000
    fleet.write(telemetry(sample_at(at_us)), received_us=at_us)
    expected = 1 if found.info.edition == "community" else 0
    assert found.compress(fleet.conn, fleet.now - timedelta(days=7)) == expected
    assert found.compress(fleet.conn, fleet.now - timedelta(days=7)) == 0
    assert len(fleet.telemetry()) == 1


@PLAIN_ONLY
def test_a_sample_beyond_the_partitions_is_an_error_not_a_loss(plain: Connection[Any]) -> None:
    partitions(12).create_ahead(plain, NOW)
    beyond = periods(plain)[-1][1]
    with pytest.raises(errors.CheckViolation) as raised, plain.transaction():
        plain.execute(
            "INSERT INTO telemetry (vehicle_id, ts, seq, device_id, received_at)"
            " VALUES (1, %s, 0, 1, now())",
            [beyond],
        )
    assert raised.value.diag.constraint_name is None
