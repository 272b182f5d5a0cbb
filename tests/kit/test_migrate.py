"""Migrations run once each, in order, wholly or not at all."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from kit import db
from kit.migrate import (
    DatabaseNewer,
    Migration,
    MigrationChanged,
    find_pending,
    list_applied,
    migrate,
    read_migrations,
)
from tests.fixtures.databases import MIGRATIONS

Conn = psycopg.Connection[TupleRow]


def write(folder: Path, **files: str) -> Path:
    """A folder of migrations; `n0001_a` becomes 0001_a.sql."""
    for name, text in files.items():
        (folder / f"{name.removeprefix('n')}.sql").write_text(text, encoding="utf-8")
    return folder


def list_tables(conn: Conn) -> list[str]:
    rows = conn.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Conn]:
    """A connection in autocommit mode to a database without tables."""
    with closing(db.connect(empty_database_url, autocommit=True)) as conn:
        yield conn


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        pytest.param(["0001_a", "0003_c"], "without gap: [1, 3]", id="gap"),
        pytest.param(["0002_b"], "without gap: [2]", id="does not begin with 1"),
        pytest.param(["0001_a", "0001_b"], "without gap: [1, 1]", id="number twice"),
        pytest.param(["1_a"], "1_a.sql: migrations are named", id="short number"),
        pytest.param(["0001_A"], "0001_A.sql: migrations are named", id="capital letter"),
        pytest.param(["0001_a", "notes"], "notes.sql: migrations are named", id="another file"),
    ],
)
def test_files_out_of_order_are_refused(names: list[str], complaint: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / f"{name}.sql").touch()
    with pytest.raises(ValueError) as refused:
        read_migrations(tmp_path)
    assert complaint in str(refused.value)


def test_what_is_pending_follows_from_what_has_run() -> None:
    first, second = Migration(1, "0001_a", "SELECT 1"), Migration(2, "0002_b", "SELECT 2")
    assert find_pending([first, second], {}) == [first, second]
    assert find_pending([first, second], {1: first.checksum}) == [second]
    assert find_pending([first], {1: first.checksum}) == []
    with pytest.raises(MigrationChanged, match="0001_a was edited"):
        find_pending([first, second], {1: second.checksum})
    with pytest.raises(DatabaseNewer, match=r"\[2\]"):
        find_pending([first], {1: first.checksum, 2: second.checksum})


def test_each_runs_once_and_is_recorded_with_its_checksum(empty: Conn, tmp_path: Path) -> None:
    write(tmp_path, n0001_a="CREATE TABLE a ()")
    assert list_applied(empty) == {}
    assert migrate(empty, tmp_path) == ["0001_a"]
    assert migrate(empty, tmp_path) == []
    write(tmp_path, n0002_b="CREATE TABLE b (); CREATE TABLE c ()")
    assert migrate(empty, tmp_path) == ["0002_b"]
    assert list_tables(empty) == ["a", "b", "c", "schema_migrations"]
    assert list_applied(empty) == {m.number: m.checksum for m in read_migrations(tmp_path)}


def test_a_failing_one_leaves_nothing_half_done_and_can_be_mended(
    empty: Conn, tmp_path: Path
) -> None:
    write(tmp_path, n0001_a="CREATE TABLE a ()", n0002_b="CREATE TABLE b (); SELECT 1/0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, tmp_path)
    assert list_tables(empty) == ["a", "schema_migrations"]
    assert list(list_applied(empty)) == [1]
    write(tmp_path, n0002_b="CREATE TABLE b ()")
    assert migrate(empty, tmp_path) == ["0002_b"]


def test_an_edited_file_or_a_newer_database_stops_before_anything_runs(
    empty: Conn, tmp_path: Path
) -> None:
    write(tmp_path, n0001_a="CREATE TABLE a ()", n0002_b="CREATE TABLE b ()")
    migrate(empty, tmp_path)
    write(tmp_path, n0001_a="CREATE TABLE a (edited int)", n0003_c="CREATE TABLE c ()")
    with pytest.raises(MigrationChanged, match="0001_a"):
        migrate(empty, tmp_path)
    for path in tmp_path.glob("000[23]_*.sql"):
        path.unlink()
    write(tmp_path, n0001_a="CREATE TABLE a ()")
    with pytest.raises(DatabaseNewer, match=r"\[2\]"):
        migrate(empty, tmp_path)
    assert list_tables(empty) == ["a", "b", "schema_migrations"]


def test_processes_that_start_at_once_run_each_one_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        n0001_a="CREATE TABLE a (n int)",
        n0002_b="INSERT INTO a VALUES (1); SELECT pg_sleep(0.1)",
    )
    together = threading.Barrier(4)

    def start(_: int) -> list[str]:
        with closing(db.connect(empty_database_url, autocommit=True)) as conn:
            together.wait(10)
            return migrate(conn, tmp_path)

    with ThreadPoolExecutor(4) as pool:
        ran = sorted(pool.map(start, range(4)))
    assert ran == [[], [], [], ["0001_a", "0002_b"]]
    with closing(db.connect(empty_database_url)) as conn:
        assert conn.execute("SELECT n FROM a").fetchall() == [(1,)]


def test_a_table_somebody_holds_ends_the_wait(
    empty: Conn, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.migrate.LOCK_TIMEOUT", "50ms")
    write(tmp_path, n0001_a="CREATE TABLE a ()")
    migrate(empty, tmp_path)
    write(tmp_path, n0002_b="ALTER TABLE a ADD COLUMN n int")
    with closing(db.connect(empty_database_url)) as reader:
        reader.execute("SELECT FROM a")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrate(empty, tmp_path)
    assert migrate(empty, tmp_path) == ["0002_b"]


def test_the_lock_is_free_again_after_a_failure(
    empty: Conn, empty_database_url: str, tmp_path: Path
) -> None:
    write(tmp_path, n0001_a="SELECT 1/0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, tmp_path)
    write(tmp_path, n0001_a="CREATE TABLE a ()")
    with closing(db.connect(empty_database_url, autocommit=True)) as another:
        another.execute("SET statement_timeout = '10s'")
        assert migrate(another, tmp_path) == ["0001_a"]


def test_the_shipped_migrations_have_run_in_a_prepared_database(conn: Conn) -> None:
    shipped = read_migrations(MIGRATIONS)
    assert list_applied(conn) == {m.number: m.checksum for m in shipped}
