"""Days, months and instants as people write them."""
# ruff: noqa: DTZ001 - a cell of a sheet has no zone

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.sheets.dates import DAY_0, parse_date, parse_instant, parse_month
from fleet.sheets.errors import CellProblem

MAY_1 = date(2026, 5, 1)
MIDNIGHT = datetime(2026, 6, 30, 16, tzinfo=UTC)
JUNE_30_15 = datetime(2026, 6, 30, 15, tzinfo=UTC)
from_start = parse_instant()
to_end = parse_instant(day="end")
in_utc = parse_instant("UTC")

TAKEN: list[tuple[str, Callable[[Any], Any], Any, Any]] = [
    ("date cell", parse_date, MAY_1, MAY_1),
    ("date cell with a time", parse_date, datetime(2026, 5, 1, 13, 30), MAY_1),
    ("serial", parse_date, 46143, MAY_1),
    ("serial with a time", parse_date, 46143.5, MAY_1),
    ("serial as text", parse_date, "46143", MAY_1),
    ("2026-05-01", parse_date, "2026-05-01", MAY_1),
    ("2026/5/1", parse_date, "2026/5/1", MAY_1),
    ("2026.5.1", parse_date, "2026.5.1", MAY_1),
    ("2026年5月1日", parse_date, "2026年5月1日", MAY_1),
    ("with blanks", parse_date, " 2026 年 5 月 1 日 ", MAY_1),
    ("full width", parse_date, "２０２６．０５．０１", MAY_1),
    ("long dash", parse_date, "2026–05–01", MAY_1),
    ("20260501 as text", parse_date, "20260501", MAY_1),
    ("20260501 as number", parse_date, 20260501, MAY_1),
    ("a time behind it", parse_date, "2026-05-01 00:00:00", MAY_1),
    ("ISO with T", parse_date, "2026-05-01T08:30:00Z", MAY_1),
    ("leap day", parse_date, "2028年2月29日", date(2028, 2, 29)),
    ("2026年5月", parse_month, "2026年5月", MAY_1),
    ("2026年05月份", parse_month, "2026年05月份", MAY_1),
    ("2026.5 as text", parse_month, "2026.5", MAY_1),
    ("2026.1 as text is January", parse_month, "2026.1", date(2026, 1, 1)),
    ("2026.10 as text is October", parse_month, "2026.10", date(2026, 10, 1)),
    ("2026.5 as number", parse_month, 2026.5, MAY_1),
    ("2026.11 as number", parse_month, 2026.11, date(2026, 11, 1)),
    ("2026-05", parse_month, "2026-05", MAY_1),
    ("202605", parse_month, 202605, MAY_1),
    ("as the licence prints it", parse_month, "检验有效期至2026年05月粤B", MAY_1),
    ("有效期至:", parse_month, "有效期至：2026年5月止", MAY_1),
    ("a day in it", parse_month, "2026-05-31", MAY_1),
    ("a date cell in it", parse_month, date(2026, 5, 31), MAY_1),
    ("a serial in it", parse_month, 46143 + 30, MAY_1),
    ("day, from its start", from_start, "2026-07-01", MIDNIGHT),
    ("day, to its end", to_end, "2026-06-30", MIDNIGHT),
    ("date cell, to its end", to_end, date(2026, 6, 30), MIDNIGHT),
    ("serial, to its end", to_end, 46203, MIDNIGHT),
    ("instant is itself at the end", to_end, "2026-07-01 00:00", MIDNIGHT),
    ("instant cell", to_end, datetime(2026, 7, 1), MIDNIGHT),
    ("24:00", to_end, "2026-06-30 24:00", MIDNIGHT),
    ("二十四时止", to_end, "2026年6月30日24时止", MIDNIGHT),
    ("零时起", from_start, "2026年7月1日0时0分起", MIDNIGHT),
    ("serial with a time", from_start, 46143.5, datetime(2026, 5, 1, 4, tzinfo=UTC)),
    ("offset wins over the zone", from_start, "2026-07-01T00:00:00+09:00", JUNE_30_15),
    ("Z wins over the zone", from_start, "2026-07-01T00:00:00Z", datetime(2026, 7, 1, tzinfo=UTC)),
    ("another zone", in_utc, "2026-07-01", datetime(2026, 7, 1, tzinfo=UTC)),
]

REFUSED: list[tuple[str, Callable[[Any], Any], Any, str]] = [
    ("May or January?", parse_date, "1/5/2026", "date_ambiguous"),
    ("year of two digits", parse_date, "26-5-1", "date_ambiguous"),
    ("no such day", parse_date, "2026-02-29", "not_a_date"),
    ("no such month", parse_date, "2026.13.1", "not_a_date"),
    ("a month alone", parse_date, "2026年5月", "not_a_date"),
    ("blanks without end", parse_month, "2026年" + " " * 30_000 + "5月", "not_a_month"),
    ("words", parse_date, "长期", "not_a_date"),
    ("a time alone", parse_date, time(8, 30), "not_a_date"),
    ("yes", parse_date, True, "not_a_date"),
    ("small number", parse_date, 12, "not_a_date"),
    ("huge number", parse_date, 1e18, "not_a_date"),
    ("more behind it", parse_date, "2026-05-01 左右", "not_a_date"),
    ("nine digits", parse_date, "202605011", "not_a_date"),
    ("before any vehicle", parse_date, "1066-10-14", "date_out_of_range"),
    ("January or October?", parse_month, 2026.1, "month_ambiguous"),
    ("no such month", parse_month, "2026年13月", "not_a_date"),
    ("words for a month", parse_month, "明年", "not_a_month"),
    ("hour 25", from_start, "2026-05-01 25:00", "not_a_date"),
    ("minute 60", from_start, "2026-05-01 08:60", "not_a_date"),
    ("past 24:00", to_end, "2026-05-01 24:01", "not_a_date"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parse", "cell", "value"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN]
)
def test_taken(parse: Callable[[Any], Any], cell: Any, value: Any) -> None:
    parsed = parse(cell)
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("parse", "cell", "code"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_refused(parse: Callable[[Any], Any], cell: Any, code: str) -> None:
    with pytest.raises(CellProblem) as told:
        parse(cell)
    assert told.value.code == code


days = st.dates(date(1950, 1, 1), date(2199, 12, 31))


@given(days)
def test_a_day_in_every_way_it_is_written(day: date) -> None:
    written = [
        *(day, datetime.combine(day, time()), (day - DAY_0).days, int(f"{day:%Y%m%d}")),
        *(
            day.isoformat(),
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}.{day.month}.{day.day}",
        ),
        *(f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"),
    ]
    assert {parse_date(cell) for cell in written} == {day}


@given(days)
def test_a_month_in_every_way_it_is_written(day: date) -> None:
    written = [
        *(day, day.isoformat(), f"{day:%Y-%m}", f"{day.year}年{day.month}月", f"{day:%Y%m}"),
        *(f"{day.year}.{day.month}", f"检验有效期至{day.year}年{day.month:02}月"),
    ]
    assert {parse_month(cell) for cell in written} == {day.replace(day=1)}


@given(days)
def test_the_end_of_a_day_is_the_start_of_the_next(day: date) -> None:
    assert to_end(day.isoformat()) == from_start((day + timedelta(days=1)).isoformat())


@given(
    st.one_of(
        st.text(alphabet="0123456789-/.年月日时 :TZ+有效期至", max_size=30),
        st.floats(),
        st.integers(),
    ),
    st.sampled_from([parse_date, parse_month, from_start, to_end]),
)
def test_whatever_stands_there_is_a_value_or_a_problem(
    cell: Any, parse: Callable[[Any], Any]
) -> None:
    try:
        parse(cell)
    except CellProblem as problem:
        assert problem.zh
