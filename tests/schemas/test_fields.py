"""The fields of the payload are those of the contract, and the columns of the tables."""

from typing import Any

import pytest
from psycopg import Connection

from schemas import telemetry

from .contract import CHOICES, NUMBERS, ORDER, REASONS, UNITS, Range

IDENTITY = ["vehicle_id", "ts", "seq", "device_id", "operator_id", "received_at"]
FIELDS = {field.name: field for field in telemetry.FIELDS}


def columns(conn: Connection[Any], table: str) -> list[str]:
    rows = conn.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    return [name for (name,) in rows.fetchall()]


def types(conn: Connection[Any], table: str) -> dict[str, str]:
    rows = conn.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0",
        [table],
    )
    return dict(rows.fetchall())


def test_the_fields_stand_in_the_order_of_the_contract() -> None:
    assert telemetry.MEASURED == ORDER
    assert tuple(FIELDS) == ORDER


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_number_has_the_range_of_the_contract(number: Range) -> None:
    field = FIELDS[number.name]
    assert (field.low, field.high) == (number.low, number.high)
    assert field.kind == ("integer" if number.whole else "number")


@pytest.mark.parametrize(("name", "choices"), CHOICES.items(), ids=CHOICES)
def test_a_choice_has_the_words_of_the_contract(name: str, choices: tuple[str, ...]) -> None:
    assert FIELDS[name].kind == "choice"
    assert sorted(FIELDS[name].choices) == sorted(choices)


@pytest.mark.parametrize(("name", "unit"), UNITS.items(), ids=UNITS)
def test_a_quantity_tells_its_unit(name: str, unit: str) -> None:
    assert FIELDS[name].unit == unit


def test_fix_is_the_only_flag() -> None:
    assert [name for name, field in FIELDS.items() if field.kind == "flag"] == ["fix"]


def test_the_reasons_are_those_of_the_contract() -> None:
    assert set(telemetry.REASONS) == REASONS
    assert len(telemetry.REASONS) == len(REASONS)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        pytest.param(telemetry.MAX_PAYLOAD_BYTES, 262_144, id="256 KiB a message"),
        pytest.param(telemetry.MAX_BATCH_SAMPLES, 1_000, id="1,000 samples a batch"),
        pytest.param(telemetry.MAX_EXTRA_KEYS, 32, id="32 extra keys"),
        pytest.param(telemetry.MAX_AHEAD_US, 300_000_000, id="5 min ahead"),
        pytest.param(telemetry.MAX_AGE_US, 2_592_000_000_000, id="30 days old"),
    ],
)
def test_a_limit_is_that_of_the_contract(limit: int, value: int) -> None:
    assert limit == value


def test_telemetry_has_one_column_a_field(conn: Connection[Any]) -> None:
    assert columns(conn, "telemetry") == [*IDENTITY, *ORDER, "extra", "invalid_fields"]


def test_vehicle_state_has_one_column_a_field(conn: Connection[Any]) -> None:
    presence = ["online", "online_changed_at", "last_heard_at"]
    assert columns(conn, "vehicle_state") == [*IDENTITY, *ORDER, *presence]


def test_both_tables_keep_a_field_in_the_same_type(conn: Connection[Any]) -> None:
    telemetry_types, state_types = types(conn, "telemetry"), types(conn, "vehicle_state")
    assert {name: telemetry_types[name] for name in ORDER} == {
        name: state_types[name] for name in ORDER
    }


def test_the_database_knows_every_reason_and_no_other(conn: Connection[Any]) -> None:
    row = conn.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'ingest_rejects'::regclass AND conname = 'ingest_rejects_reason_check'"
    ).fetchone()
    assert row is not None
    assert {part for part in row[0].split("'") if part.replace("_", "").isalpha()} >= REASONS
    assert row[0].count("::text") == len(REASONS)
