"""Prepares every query of every `queries.sql` against the migrated schema, and finds unused ones.

A statement that cannot be prepared (LOCK, COPY, CREATE …) is run instead, and all is rolled back;
a VACUUM, which no transaction may hold, is run as the ANALYZE of its tables.
Tables that a room makes for itself (`CREATE TEMP TABLE`) are made first. What speaks of TimescaleDB
is prepared only where the extension is.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg import Connection

from kit.sql import load_queries

ROOT: Final = Path(__file__).parent.parent
ROOMS: Final = (
    "kit",
    "schemas",
    "ingest",
    "fleet",
    "alerts",
    "api",
    "simulators",
    "guanche",
    "bench",
)
FILES: Final = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.sql"))
    if path.parent.name != "migrations"
]

PREPARABLE: Final = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|WITH|TABLE)\b", re.I)
MAKES_TABLE: Final = re.compile(r"CREATE\s+(TEMP|TEMPORARY)\s+TABLE\b", re.I)
TIMESCALE: Final = re.compile(
    r"timescaledb[._](?!loaded|available)|hypertable|_chunks?\s*\(|chunk_time|approximate_row_count"
    r"|columnstore",
    re.I,
)
VACUUM: Final = re.compile(r"VACUUM\s*(\([^)]*\))?", re.I)
PLACEHOLDER: Final = re.compile(r"%(?:\((?P<name>\w+)\)[sbt]|(?P<percent>%))")
COMMENT: Final = re.compile(r"^\s*--.*$", re.MULTILINE)


def strip_comments(statement: str) -> str:
    return COMMENT.sub("", statement).strip()


def number_parameters(statement: str) -> str:
    """The statement as PREPARE wants it: %(a)s becomes $1, as does a second %(a)s; %% becomes %."""
    numbers: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        if match["percent"]:
            return "%"
        return f"${numbers.setdefault(match['name'], len(numbers) + 1)}"

    return PLACEHOLDER.sub(replace, statement)


def find_faults(conn: Connection[Any], statements: dict[str, str]) -> Iterator[str]:
    """One sentence for each statement that the database does not take. Rolls back at the end."""
    timescale = conn.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
    makers_first = sorted(
        statements.items(), key=lambda item: not MAKES_TABLE.match(strip_comments(item[1]))
    )
    for name, statement in makers_first:
        if TIMESCALE.search(strip_comments(statement)) and timescale is None:
            continue
        try:
            with conn.transaction():
                try_statement(conn, name, strip_comments(statement))
        except psycopg.errors.FeatureNotSupported as fault:
            if "apache" not in str(fault):  # this edition lacks it, and ingest does not ask it to
                yield f"{name}: {fault}"
        except psycopg.Error as fault:
            yield f"{name}: {fault}"
    conn.rollback()


def try_statement(conn: Connection[Any], name: str, statement: str) -> None:
    if PREPARABLE.match(statement):
        conn.execute(f"PREPARE q_{name} AS {number_parameters(statement)}".encode())
    elif statement.upper().startswith("COPY"):
        with conn.cursor() as cursor, cursor.copy(statement.encode()):
            pass
    elif vacuum := VACUUM.match(statement):
        conn.execute(f"ANALYZE {statement[vacuum.end() :]}".encode())
    else:
        conn.execute(statement.encode())


def find_unused(names: set[str], folder: Path) -> set[str]:
    """The names that no Python file of the folder mentions as an attribute, `_queries.name`."""
    mentioned = {
        node.attr
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    return names - mentioned


def find_makers_above(path: Path) -> dict[str, str]:
    """What makes the temporary tables of the folders that the file's folder is a part of."""
    return {
        f"{name}_above": statement
        for folder in path.parent.parents
        if (folder / path.name).is_file()
        for name, statement in load_queries(folder / path.name).statements.items()
        if MAKES_TABLE.match(strip_comments(statement))
    }


def path_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=path_of)
def test_every_query_is_valid(conn: Connection[Any], path: Path) -> None:
    statements = find_makers_above(path) | load_queries(path).statements
    faults = list(find_faults(conn, statements))
    assert not faults, f"{path_of(path)}\n" + "\n".join(faults)


@pytest.mark.parametrize("path", FILES, ids=path_of)
def test_every_query_is_used(path: Path) -> None:
    unused = find_unused(set(load_queries(path).statements), path.parent)
    assert not unused, f"{path_of(path)}: no code uses {', '.join(sorted(unused))}"


def test_the_query_files_are_found() -> None:
    assert {"fleet/orgs/queries.sql", "fleet/registry/vehicles/queries.sql"} <= set(
        map(path_of, FILES)
    )


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        pytest.param("SELECT vin FROM vehicles WHERE plat = %(plate)s", "plat", id="column"),
        pytest.param("UPDATE vehicle SET plate = %(plate)s", "vehicle", id="table"),
        pytest.param("SELECT id FROM vehicles WHERE vin == %(vin)s", "==", id="operator"),
        pytest.param("SELECT %(x)s IS NULL", "data type of parameter", id="needs a cast"),
        pytest.param("LOCK TABLE vehicle", "vehicle", id="run, not prepared"),
        pytest.param("COPY vehicles (plat) FROM STDIN", "plat", id="copy"),
        pytest.param("VACUUM (ANALYZE) vehicles, vehicle", "vehicle", id="vacuum"),
    ],
)
def test_a_faulty_query_is_told(conn: Connection[Any], statement: str, fault: str) -> None:
    told = list(find_faults(conn, {"good": "SELECT 1", "bad": statement}))
    assert len(told) == 1
    assert told[0].startswith("bad: ")
    assert fault in told[0]


def test_parameters_are_numbered_by_name() -> None:
    statement = "a = %(x)s OR b = %(y)s OR c = %(x)b OR d LIKE 'z%%(x)s'"
    assert number_parameters(statement) == "a = $1 OR b = $2 OR c = $1 OR d LIKE 'z%(x)s'"


def test_own_tables_come_first(conn: Connection[Any]) -> None:
    statements = {
        "copy_staging": "-- After its table.\nCOPY staging (a) FROM STDIN",
        "move_staging": "INSERT INTO vehicles (vin, owner_id) SELECT a, 1 FROM staging",
        "create_staging": "-- The table.\nCREATE TEMP TABLE staging (a text) ON COMMIT DROP",
    }
    assert list(find_faults(conn, statements)) == []


def test_a_part_uses_the_tables_of_its_whole(tmp_path: Path) -> None:
    made = "-- name: make_staging\n-- Its table.\nCREATE TEMP TABLE staging (a text);\n"
    (tmp_path / "queries.sql").write_text(f"{made}-- name: ask\n-- It asks.\nSELECT 1;\n")
    assert [*find_makers_above(tmp_path / "part" / "queries.sql")] == ["make_staging_above"]
    assert find_makers_above(tmp_path / "queries.sql") == {}


def test_an_unused_query_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text("rows = conn.execute(_queries.find_it)")
    assert find_unused({"find_it", "find_that"}, tmp_path) == {"find_that"}
