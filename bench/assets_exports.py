"""Every vehicle as a table, over HTTP: seconds until the last byte, megabytes, none missing.

Leaves out what a table looks like, which the tests of exports hold.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

import msgspec
from openpyxl import load_workbook

from bench.api_client import Client
from bench.api_fleet import ROOT
from bench.assets_oracle import judge_vins
from bench.assets_server import AssetsRig

TIMEOUT_S: Final = 600.0
FORMS: Final = ("csv", "xlsx")
VIN_LENGTH: Final = 17


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """One table of all vehicles."""

    form: str
    took_s: float
    bytes: int
    wrong: list[str]


def measure_export(rig: AssetsRig, port: int, form: str) -> Exported:
    """Ask for all vehicles as the head office."""
    with Client(port, timeout_s=TIMEOUT_S) as client:
        answer = client.get(f"/api/v1/vehicles/export?form={form}", rig.askers[ROOT].tokens[0])
    answer.check()
    told = list(vins_in(answer.body, form))
    wrong = judge_vins(told, list(rig.operator_id_of))
    return Exported(
        form=form,
        took_s=answer.took_ms / 1000,
        bytes=len(answer.packed),
        wrong=[f"vehicles as {form}: {sentence}" for sentence in wrong],
    )


def vins_in(content: bytes, form: str) -> Iterator[str]:
    """The VINs of a table, whichever column they stand in: the first of the first row of data."""
    rows = _rows_of(content, form)
    next(rows)
    place = None
    for row in rows:
        if place is None:
            place = next(n for n, cell in enumerate(row) if len(cell) == VIN_LENGTH)
        yield row[place]


def _rows_of(content: bytes, form: str) -> Iterator[list[str]]:
    if form == "csv":
        yield from csv.reader(io.StringIO(content.decode("utf-8-sig")))
        return
    workbook = load_workbook(io.BytesIO(content), read_only=True)
    for cells in workbook.worksheets[0].iter_rows(values_only=True):
        yield [str(cell) for cell in cells]
    workbook.close()
