"""Charges and violations as tables: which columns there are, and what stands in them.

Leaves out why a charge is due: `basis_json` has its readings and prices as they were kept.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from fleet.case_files.tables import local, plain, utc

CHARGE_COLUMNS: Final = (
    "key", "line_no", "vin", "kind", "title", "amount_yuan", "incurred_on", "source_kind",
    "source_key", "state", "accepted_yuan", "decided_by", "decided_at_utc", "decision_note",
    "proposed_by", "proposed_at_utc", "basis_json",
)  # fmt: skip
VIOLATION_COLUMNS: Final = (
    "violation_no", "vin", "plate", "line_no", "occurred_at_utc", "occurred_at_local", "place",
    "code", "description", "fine_yuan", "points", "noticed_on", "state", "state_note",
    "told_at_utc", "handled_at_utc", "handled_by", "paid_yuan", "recorded_by", "recorded_at_utc",
)  # fmt: skip


def charge_rows(charges: Iterable[Mapping[str, Any]]) -> list[Sequence[Any]]:
    """A row a charge."""
    return [row_of(CHARGE_COLUMNS, charge, "") for charge in charges]


def violation_rows(violations: Iterable[Mapping[str, Any]], zone: str) -> list[Sequence[Any]]:
    """A row a violation."""
    return [row_of(VIOLATION_COLUMNS, violation, zone) for violation in violations]


def row_of(columns: Iterable[str], told: Mapping[str, Any], zone: str) -> Sequence[Any]:
    """Cells by their columns: `_yuan` of what is kept in fen, `_utc`, `_local` of an instant."""
    return [_cell(column, told, zone) for column in columns]


def _cell(column: str, told: Mapping[str, Any], zone: str) -> Any:
    name, _, unit = column.rpartition("_")
    if unit == "yuan":
        fen = told[f"{name}_fen"]  # as a number: a text below zero would be taken for a formula
        return None if fen is None else Decimal(fen).scaleb(-2)
    if unit == "utc":
        return utc(told[name])
    if unit == "local":
        return local(told[name], zone)
    if unit == "json":
        return json.dumps(plain(told[name]), ensure_ascii=False)
    return told[column]
