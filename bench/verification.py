"""Compares what is in the database with what the generator knows was sent.

Every key is compared, not a count: a sample lost and a sample made up do not cancel out.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg import Connection

from bench.rig import SQL
from bench.truth import (
    Refused,
    Truth,
    pack_key,
)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All zero but the first two when nothing went wrong."""

    stored: int
    refused: int
    lost: int
    """Samples to be stored that are not."""
    duplicates: int
    """Rows whose key another row has."""
    invented: int
    """Rows nobody sent."""
    refusals_lost: int
    refusals_invented: int

    @property
    def sound(self) -> bool:
        """Whether the database holds just what was sent."""
        faults = (self.lost, self.duplicates, self.invented)
        return not any((*faults, self.refusals_lost, self.refusals_invented))


def verify(conn: Connection[Any], truth: Truth, number_of: Mapping[int, int]) -> Verdict:
    """Compare everything stored and refused with the truth."""
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(SQL.list_keys).fetchall()
    stored = {
        -1 if seq or vehicle_id not in number_of else pack_key(number_of[vehicle_id], ts_ms)
        for vehicle_id, ts_ms, seq in rows
    }
    refused = {Refused(reason, bytes(raw)) for reason, raw in conn.execute(SQL.list_refused)}
    return Verdict(
        stored=len(rows),
        refused=len(refused),
        lost=len(truth.keys - stored),
        duplicates=len(rows) - len(stored),
        invented=len(stored - truth.keys),
        refusals_lost=len(truth.refused - refused),
        refusals_invented=len(refused - truth.refused),
    )
