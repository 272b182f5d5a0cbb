"""Decides how a row of a sheet and what a slice keeps of the same thing become one another.

Sheets tell months as their first day, and each insured sum in a column of its own. Leaves out what
may stand in a cell (`fleet/sheets`).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from fleet.months import month_end
from fleet.row_problems import RowProblem

Row = Mapping[str, Any]
LICENCE: Final = (
    *("vehicle_type", "use_nature", "registered_on", "issued_on", "motor_no", "gvw_kg", "seats"),
)
PAPERS: Final = frozenset({*LICENCE, "inspection_valid_to"})
"""What a sheet of vehicles tells of papers."""
POLICY: Final = (
    *("vin", "kind", "policy_no", "insurer", "covered_from_at", "covered_until_at"),
    *("insured", "use_nature", "premium_fen"),
)
INSPECTION: Final = (*("vin", "form", "inspected_on", "passed", "place", "report_no", "cost_fen"),)
SUMS: Final = {
    "damage_fen": "damage",
    "third_party_fen": "third_party",
    "occupants_fen": "occupants",
}
"""Insured sums that have a column, and what they are called among the covers of a policy."""


def end_of_month(month: date | None) -> date | None:
    """The last day of a month.

    >>> end_of_month(date(2028, 2, 1))
    datetime.date(2028, 2, 29)
    """
    return None if month is None else month_end(month)


def licence_told(known: Row) -> dict[str, Any]:
    """A licence, as it is kept, by the fields of a sheet."""
    valid_to_on = known.get("inspection_valid_to_on")
    return {
        **{name: known.get(name) for name in LICENCE},
        "inspection_valid_to": None if valid_to_on is None else valid_to_on.replace(day=1),
    }


def licence_incomplete(whole: Row) -> list[RowProblem]:
    """A licence has its first three fields, a printed month its licence."""
    missing = [name for name in LICENCE[:3] if whole.get(name) is None]
    if not missing:
        return []
    en = "a licence has its vehicle type, use nature and registration date"
    zh = "行驶证信息须同时有车辆类型、使用性质和注册日期"
    return [RowProblem("licence_incomplete", missing[0], en, zh)]


def licence_kept(whole: Row) -> dict[str, Any]:
    """A licence of a sheet as it is kept."""
    return {
        **{name: whole.get(name) for name in ("vin", *LICENCE)},
        "inspection_valid_to_on": end_of_month(whole.get("inspection_valid_to")),
    }


def policy_kept(whole: Row) -> dict[str, Any]:
    """A policy of a sheet as it is kept, without its covers."""
    return {name: whole.get(name) for name in POLICY}


def inspection_kept(whole: Row) -> dict[str, Any]:
    """An inspection of a sheet as it is kept."""
    return {
        **{name: whole.get(name) for name in INSPECTION},
        "valid_to_on": end_of_month(whole.get("valid_to")),
    }


def policy_told(known: Row) -> dict[str, Any]:
    """A policy, as it is kept, by the fields of a sheet; covers without a column stay beside."""
    covers = dict(known["covers"])
    sums = {name: covers.pop(cover, None) for name, cover in SUMS.items()}
    return {**known, **sums, "covers": covers}


def sums_of(whole: Row) -> Iterator[tuple[str, int]]:
    """What a policy covers, and up to how many fen.

    >>> list(sums_of({"third_party_fen": 100, "covers": {"glass": 1}}))
    [('third_party', 100), ('glass', 1)]
    """
    for name, cover in SUMS.items():
        if whole.get(name) is not None:
            yield cover, whole[name]
    yield from whole.get("covers", {}).items()


def inspection_told(key: tuple[str, date, str], known: Row) -> dict[str, Any]:
    """An inspection, as it is kept, by the fields of a sheet."""
    vin, inspected_on, form = key
    valid_to_on = known["valid_to_on"]
    return {
        **{name: known.get(name) for name in ("passed", "place", "report_no", "cost_fen")},
        "vin": vin,
        "inspected_on": inspected_on,
        "form": form,
        "valid_to": None if valid_to_on is None else valid_to_on.replace(day=1),
    }


def not_ahead(row: Row, name: str, today: date) -> list[RowProblem]:
    """What has been has a day that is not still to come."""
    day = row.get(name)
    if day is None or day <= today:
        return []
    return [RowProblem("day_ahead", name, f"{day} lies ahead", f"{day} 尚未到来")]


def not_over(whole: Row) -> list[RowProblem]:
    """What an inspection is valid to lies after it, unless it was read off the licence."""
    month = whole.get("valid_to")
    if month is None or whole["form"] == "printed" or month_end(month) >= whole["inspected_on"]:
        return []
    en, zh = "the month was over on the day of the inspection", "有效期至的月份早于检验日期"
    return [RowProblem("inspection_ends_before_it", "valid_to", en, zh)]
