"""Decides what must hold within a row of a sheet of leases, and between its rows.

Leaves out what cells hold (`lease_cells.py`) and what is there already (`fleet/leasing`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final

from fleet.months import add_months
from fleet.sheets.importing import Told
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Problem

SHARED: Final = (
    *("customer", "kind", "starts_on", "ends_on", "months", "billing", "late_fee_pct"),
    *("grace_days", "down_payment_fen", "buy_out_fen", "remarks"),
)
"""What the rows of a lease say alike."""


def complete(row: dict[str, Any]) -> None:
    """The last day of so many months is the day before; a rent without a word is by the month."""
    starts_on, months = row.get("starts_on"), row.get("months")
    if row.get("ends_on") is None and starts_on is not None and months:
        row["ends_on"] = add_months(starts_on, months) - timedelta(days=1)
    if row.get("per") is None:
        row["per"] = "month"
    if row.get("billing") is None:
        row["billing"] = "anchor_month"
    if row.get("deposit_fen") is None:
        row["deposit_fen"] = 0


def has_an_end(row: Told) -> Problem | None:
    if row.get("ends_on") is not None or row.get("months") is not None:
        return None
    en = "say the last day, or so many months, or 不定期 as months"
    return Problem("ends_on", "end_missing", en, "请填写到期日或租期月数；无固定期限填“不定期”")


def ends_after_it_begins(row: Told) -> Problem | None:
    starts_on, ends_on = row.get("starts_on"), row.get("ends_on")
    if starts_on is None or ends_on is None or starts_on <= ends_on:
        return None
    return Problem(
        "ends_on", "ends_before_it_begins", "it ends before it begins", "到期日早于起租日"
    )


def months_fit_the_end(row: Told) -> Problem | None:
    starts_on, ends_on, months = (row.get(name) for name in ("starts_on", "ends_on", "months"))
    if starts_on is None or ends_on is None or months is None:
        return None
    if months and ends_on in (_end := add_months(starts_on, months), _end - timedelta(days=1)):
        return None
    en = "so many months do not end on that day"
    return Problem("months", "months_unlike_end", en, "租期月数与到期日不一致")


def bought_in_the_end(row: Told) -> Problem | None:
    told = [name for name in ("down_payment_fen", "buy_out_fen") if row.get(name) is not None]
    if row.get("kind") is None or (row["kind"] == "lease_to_own") == bool(told):
        return None
    if told:
        en, zh = "said for a lease-to-own only", "首付和买断价仅用于以租代购"
        return Problem(told[0], "buy_out_unfit", en, zh)
    en, zh = "a lease-to-own says its buy-out", "以租代购须填写买断价（可为 0）"
    return Problem("buy_out_fen", "buy_out_missing", en, zh)


def both(one: str, other: str, en: str, zh: str) -> Callable[[Told], Problem | None]:
    def check(row: Told) -> Problem | None:
        if row.get(other) is None or row.get(one) is not None:
            return None
        return Problem(one, "incomplete", en, zh)

    return check


def by_the_day_when_short(row: Told) -> Problem | None:
    if row.get("per") != "day" or row.get("kind") in (None, "short"):
        return None
    return Problem(
        "per", "rent_by_the_day", "rent by the day is for short leases", "按日计租仅限短租"
    )


def rows_agree(rows: Sequence[RowFound]) -> None:
    """Make rows of one lease bad that do not say the same of it."""
    first: dict[tuple[Any, str], RowFound] = {}
    for row in rows:
        reference = row.told.get("reference")
        if reference is None:
            continue
        for name in SHARED:
            value = row.told.get(name)
            if value is None:
                continue
            other = first.setdefault((reference, name), row)
            if other.told[name] != value:
                en = f"row {other.row_no} of the same lease says otherwise"
                zh = f"与同一合同第 {other.row_no} 行不一致"
                row.problems.append(Problem(name, "rows_disagree", en, zh))


def vehicles_stand_once(rows: Sequence[RowFound]) -> None:
    """Make rows bad that give one vehicle to two leases at a time."""
    by_vin: dict[str, list[RowFound]] = {}
    for row in rows:
        if row.told.get("vin") is not None and row.told.get("starts_on") is not None:
            by_vin.setdefault(row.told["vin"], []).append(row)
    for one, other in _pairs(by_vin.values()):
        if one.told.get("reference") == other.told.get("reference") or not _crossing(one, other):
            continue
        for row, beside in ((one, other), (other, one)):
            en = f"row {beside.row_no} has the vehicle at the same time"
            zh = f"第 {beside.row_no} 行在同一时间也包含该车辆"
            row.problems.append(Problem("vin", "vehicle_in_two_leases", en, zh))


def _pairs(lists: Iterable[list[RowFound]]) -> Iterator[tuple[RowFound, RowFound]]:
    for rows in lists:
        yield from combinations(rows[:MOST_OF_A_VEHICLE], 2)


MOST_OF_A_VEHICLE: Final = 50
"""So many leases of one vehicle are held against one another."""


def _crossing(one: RowFound, other: RowFound) -> bool:
    if one.told.get("delivered_on") and other.told.get("delivered_on"):
        return True  # neither came back: a sheet tells of leases that run
    (from_a, until_a), (from_b, until_b) = _span(one.told), _span(other.told)
    return from_a <= until_b and from_b <= until_a


def _span(told: Told) -> tuple[date, date]:
    starts_on, months = told["starts_on"], told.get("months")
    ends_on = told.get("ends_on")
    if ends_on is None and months:
        ends_on = add_months(starts_on, months) - timedelta(days=1)
    return told.get("delivered_on") or starts_on, ends_on or date.max
