"""What must hold between the rows of a sheet of leases, and which rows are looked at together."""

from datetime import date
from typing import Any

import pytest

from fleet.sheets.errors import CellProblem
from fleet.sheets.grouping import batches, gathered, spoil_groups
from fleet.sheets.imports import RowFound
from fleet.sheets.kinds import import_kind
from fleet.sheets.lease_cells import parse_daily_rate, parse_months
from fleet.sheets.lease_rows import rows_agree, vehicles_stand_once

LEASES = import_kind("leases")
YEAR = {"starts_on": date(2026, 3, 18), "ends_on": date(2027, 3, 17)}


def found(*told: dict[str, Any]) -> list[RowFound]:
    return [RowFound(no, dict(each)) for no, each in enumerate(told, start=2)]


def codes(rows: list[RowFound]) -> list[list[tuple[str | None, str]]]:
    return [[(each.field, each.code) for each in row.problems] for row in rows]


def test_rows_of_a_lease_are_gathered_and_never_apart() -> None:
    rows = found(*({"reference": text} for text in "abcabcab"))
    in_order = gathered(LEASES, rows)
    assert [row.row_no for row in in_order] == [2, 5, 8, 3, 6, 9, 4, 7]
    parts = [(done, [row.row_no for row in part]) for done, part in batches(LEASES, in_order, 2)]
    assert parts == [(3, [2, 5, 8]), (6, [3, 6, 9]), (8, [4, 7])]


def test_rows_that_stand_for_themselves_stay_in_their_order() -> None:
    kind, rows = import_kind("vehicles"), found(*({"vin": text} for text in "cba"))
    assert gathered(kind, rows) == rows
    assert [len(part) for _, part in batches(kind, rows, 2)] == [2, 1]


def test_a_row_without_a_number_spoils_nobody_else() -> None:
    rows = found({"reference": "a"}, {}, {"reference": "a"}, {"reference": "b"})
    for row in (rows[0], rows[3]):
        row.outcome = "new"  # the others are bad, as they begin
    spoil_groups(LEASES, rows)
    assert [row.outcome for row in rows] == ["bad", "bad", "bad", "new"]
    assert codes(rows) == [[("reference", "row_of_group_bad")], [], [], []]


def test_what_one_row_leaves_blank_another_may_say() -> None:
    rows = found(
        {"reference": "a", "kind": "long"},
        {"reference": "a", "grace_days": 3},
        {"reference": "a", "kind": "short", "grace_days": 3},
        {"reference": "b", "kind": "short"},
    )
    rows_agree(rows)
    assert codes(rows) == [[], [], [("kind", "rows_disagree")], []]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param({}, {}, True, id="the same year"),
        pytest.param(
            {}, {"starts_on": date(2027, 3, 17), "ends_on": None}, True, id="the last day"
        ),
        pytest.param(
            {}, {"starts_on": date(2027, 3, 18), "ends_on": None}, False, id="the day after"
        ),
        pytest.param(
            {"ends_on": None, "months": 12},
            {"starts_on": date(2027, 3, 18), "ends_on": None},
            False,
            id="by months",
        ),
        pytest.param(
            {"delivered_on": date(2026, 3, 18)},
            {"starts_on": date(2027, 3, 18), "ends_on": None, "delivered_on": date(2027, 3, 18)},
            True,
            id="both delivered, neither back",
        ),
        pytest.param({}, {"reference": "a"}, False, id="of one lease, which is told elsewhere"),
        pytest.param({}, {"vin": "W"}, False, id="another vehicle"),
    ],
)
def test_a_vehicle_stands_in_one_lease_at_a_time(
    one: dict[str, Any], other: dict[str, Any], together: bool
) -> None:
    rows = found(
        {"reference": "a", "vin": "V"} | YEAR | one, {"reference": "b", "vin": "V"} | YEAR | other
    )
    vehicles_stand_once(rows)
    assert codes(rows) == [[("vin", "vehicle_in_two_leases")] * together] * 2


@pytest.mark.parametrize(
    ("cell", "rate"),
    [
        ("0.05%", "0.05"),
        ("万分之五", "0.05"),
        ("万分之 3", "0.03"),
        ("千分之1", "0.1"),
        ("0.5‰", "0.05"),
        ("5%", "5"),
    ],
)
def test_a_late_fee_is_so_much_a_day(cell: str, rate: str) -> None:
    assert str(parse_daily_rate(cell)) == rate


@pytest.mark.parametrize("cell", ["0.05", 0.05, "万分之", "每天", "0.00000001%", "101%"])
def test_what_may_mean_two_rates_or_none_is_refused(cell: Any) -> None:
    with pytest.raises(CellProblem):
        parse_daily_rate(cell)


@pytest.mark.parametrize("cell", ["一年", 241, -1, 1.5, "12个月左右"])
def test_months_are_counted(cell: Any) -> None:
    with pytest.raises(CellProblem):
        parse_months(cell)
