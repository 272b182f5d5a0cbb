"""Binary rows are the same samples as the JSON messages."""

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from bench.generator import MessageMaker, Plan
from bench.rig import SQL
from bench.rows import COPY_END, COPY_HEAD, copy_blocks
from ingest.decode import decode_telemetry
from kit import clock
from schemas.telemetry import FIELDS

SECONDS = 3


def test_a_row_holds_what_the_message_says(conn: Connection[Any]) -> None:
    start_ms = clock.now_us() // 1_000_000 * 1000 - 60_000
    blocks = copy_blocks(
        vehicle_ids=[11, 12], seed=4, start_ms=start_ms, period_s=1, ticks=SECONDS, block_rows=4
    )
    sizes = []
    with conn.cursor() as cursor, cursor.copy(SQL.copy_telemetry) as copy:
        copy.write(COPY_HEAD)
        for count, block in blocks:
            sizes.append(count)
            copy.write(block)
        copy.write(COPY_END)
    assert sizes == [4, 2]

    plan = Plan(vehicles=2, messages=0, seed=4, start_ms=start_ms, disorder=False)
    maker = MessageMaker(plan)
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM telemetry ORDER BY ts, vehicle_id").fetchall()
    assert len(rows) == 2 * SECONDS
    for place, row in enumerate(rows):
        number, second = place % 2, place // 2
        reading = decode_telemetry(maker.make((number, second, None))[1])[0][0]
        assert row["vehicle_id"] == 11 + number
        assert round(row["ts"].timestamp() * 1e6) == reading.ts_us
        for field, value in zip(FIELDS, reading.measured, strict=True):
            stored = row[field.name]
            digits = {"lat": 6, "lon": 6, "odometer_km": 1}.get(field.name)
            assert (stored if digits is None else round(stored, digits)) == value, field.name
        assert row["extra"] is None
        assert row["invalid_fields"] is None
