"""Decides how rows are told as JSON: instants and days as ISO 8601, numbers as they are."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON holds it.

    >>> as_json({"odometer_km": Decimal("12.50"), "on": date(2026, 5, 1), "vins": ("A",)})
    {'odometer_km': 12.5, 'on': '2026-05-01', 'vins': ['A']}
    """
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return as_json(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, UUID) else value
