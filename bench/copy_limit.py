"""What the database alone can take: binary COPY of prepared bytes, in the same run as ingest.

`unindexed`: into a bare table, the ceiling of the server. `merged`: as ingest does it, a batch to
staging, merged with ON CONFLICT into the real table, a COMMIT a batch. What ingest reaches less
than the latter is the price of its Python.
"""

from typing import Any

import msgspec
from psycopg import Connection

from bench.rig import SQL, Rig
from bench.rows import COPY_END, COPY_HEAD, copy_blocks
from ingest import store
from kit import clock

_BLOCK_ROWS = 8_000


class CopyLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Rows a second."""

    rows: int
    unindexed_per_s: float
    merged_per_s: float


def measure_copy_limit(rig: Rig, *, rows: int, seed: int) -> CopyLimit:
    """Copy the same rows twice; generating them is not counted."""
    rig.clear()
    vehicle_ids = list(rig.number_of)
    start_ms = clock.now_us() // 1000 - 3_600_000
    ticks = max(1, rows // len(vehicle_ids))
    blocks = list(
        copy_blocks(
            vehicle_ids=vehicle_ids,
            seed=seed,
            start_ms=start_ms,
            period_s=1,
            ticks=ticks,
            block_rows=_BLOCK_ROWS,
        )
    )
    rows = sum(count for count, _ in blocks)
    with rig.connect() as conn:
        conn.execute(SQL.create_copy_table)
        try:
            began_s = clock.monotonic()
            with conn.transaction():
                _copy(conn, SQL.copy_unindexed, [block for _, block in blocks])
            unindexed_s = clock.monotonic() - began_s
        finally:
            conn.execute(SQL.drop_copy_table)
        store.prepare_session(conn)
        began_s = clock.monotonic()
        for _, block in blocks:
            with conn.transaction():
                _copy(conn, store.SQL.copy_telemetry, [block])
                conn.execute(store.SQL.merge_telemetry)
        merged_s = clock.monotonic() - began_s
    return CopyLimit(rows=rows, unindexed_per_s=rows / unindexed_s, merged_per_s=rows / merged_s)


def _copy(conn: Connection[Any], statement: str, blocks: list[bytes]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(COPY_HEAD)
        for block in blocks:
            copy.write(block)
        copy.write(COPY_END)
