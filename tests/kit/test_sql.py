"""The loader of `queries.sql` files."""

from pathlib import Path

import pytest

from kit.sql import load_queries

GOOD = """
-- name: find_vehicle
-- The vehicle with this VIN.
SELECT id, vin FROM vehicles WHERE vin = %(vin)s;

-- name: count_vehicles
-- How many there are;
-- a purpose may go on for a second line.
SELECT count(*) FROM vehicles
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "queries.sql"
    path.write_text(text, encoding="utf-8")
    return path


def test_statements_are_attributes_without_their_last_semicolon(tmp_path: Path) -> None:
    queries = load_queries(write(tmp_path, GOOD))
    assert list(queries.statements) == ["find_vehicle", "count_vehicles"]
    assert queries.find_vehicle == (
        "-- The vehicle with this VIN.\nSELECT id, vin FROM vehicles WHERE vin = %(vin)s"
    )
    assert queries.count_vehicles.endswith("SELECT count(*) FROM vehicles")


def test_an_unknown_name_is_named_with_its_file(tmp_path: Path) -> None:
    queries = load_queries(write(tmp_path, GOOD))
    with pytest.raises(AttributeError, match=r"queries\.sql: no query named 'find_vehicel'"):
        queries.find_vehicel  # noqa: B018  the look-up is the test


PURPOSE = "-- What it is for.\nSELECT 1\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "no '-- name:' line", id="empty file"),
        pytest.param("SELECT 1", "no '-- name:' line", id="no name at all"),
        pytest.param(f"SELECT 0;\n-- name: a\n{PURPOSE}", "text before the first", id="early text"),
        pytest.param(f"-- name: a\n{PURPOSE}-- name: a\n{PURPOSE}", "'a' stands twice", id="twice"),
        pytest.param("-- name: a\nSELECT 1", "'a' lacks its line of purpose", id="no purpose"),
        pytest.param("-- name: a\n", "'a' lacks its line of purpose", id="name alone"),
        pytest.param(f"-- name: A b\n{PURPOSE}", "no '-- name:' line", id="not a name"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=complaint):
        load_queries(write(tmp_path, text))
