"""The sheet that the assets' bench brings in: vehicles as an operator's own book has them.

Decides what each row is: new, changed or bad, so that the counts of the import are known
beforehand. 25 columns, two of which say nothing to us; days are dates, texts and Chinese months in
turn, as real books are. Leaves out the import itself (`assets_import.py`).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from xlsxwriter import Workbook

from bench.api_fleet import ROOT, depot_of
from bench.assets_book import Booked
from guanche.seed_papers import SeedVehicle, papers_of
from simulators.roster import fleet_roster

CHANGED_SHARE: Final = 0.018
BAD_SHARE: Final = 0.002
TITLE: Final = "车辆台账"
HEADERS: Final = (
    "序号", "车架号", "车牌号", "车型编码", "品牌型号", "产权单位", "所属公司", "停放场站",
    "车辆状态", "标签", "车辆类型", "使用性质", "注册日期", "发证日期", "电机号", "总质量",
    "核定载人数", "年检有效期至", "购置日期", "购置原值", "折旧方法", "折旧年限(月)", "残值率(%)",
    "里程数", "经办人",
)  # fmt: skip
SHOWN: Final = {"in_stock": "在库", "let": "在租", "in_service": "维修", "for_sale": "待售"}


class SheetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of each outcome a sheet has."""

    new: int
    changed: int
    bad: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.new + self.changed + self.bad


def plan_sheet(rows: int) -> SheetPlan:
    """Mostly new ones.

    >>> plan_sheet(50_000)
    SheetPlan(new=49000, changed=900, bad=100)
    """
    changed, bad = round(rows * CHANGED_SHARE), max(1, round(rows * BAD_SHARE))
    return SheetPlan(new=rows - changed - bad, changed=changed, bad=bad)


def write_sheet(out: Path, book: list[Booked], plan: SheetPlan, *, seed: int, today: date) -> None:
    """The sheet as .xlsx."""
    workbook = Workbook(str(out), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = workbook.add_worksheet(TITLE)
    sheet.write_row(0, 0, HEADERS)
    for number, cells in enumerate(make_rows(book, plan, seed=seed, today=today), 1):
        sheet.write_number(number, 0, number)
        for place, cell in enumerate(cells, 1):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, datetime.combine(cell, time()))
            elif cell is not None:
                sheet.write(number, place, cell)
    workbook.close()


def make_rows(
    book: list[Booked], plan: SheetPlan, *, seed: int, today: date
) -> Iterator[tuple[Any, ...]]:
    """The rows below the headers, without their numbers; bad and changed ones between the new."""
    roster = fleet_roster(len(book) + plan.new + plan.bad, seed)[len(book) :]
    every = plan.rows // (plan.changed + plan.bad)
    old = iter(book[: plan.changed])
    bad = 0
    for place in range(plan.rows):
        special = place % every == 0
        if special and (one := next(old, None)) is not None:
            yield _changed(one)
            continue
        entry = roster.pop()
        papers = papers_of(place, entry.vin, today)
        if special and bad < plan.bad:
            yield _spoilt(_row(place, papers, entry.plate, today), bad)
            bad += 1
        else:
            yield _row(place, papers, entry.plate, today)


def _row(place: int, papers: SeedVehicle, plate: str, today: date) -> tuple[Any, ...]:
    """A new vehicle, with everything that is known of it."""
    valid_to_on = papers.inspections[-1][1]
    registered: Any = papers.registered_on
    if place % 3 == 1:
        registered = f"{registered:%Y.%m.%d}"
    elif place % 3 == 2:
        registered = f"{registered.year}年{registered.month}月{registered.day}日"
    return (
        papers.vin,
        plate,
        papers.model.code,
        papers.model.name,
        ROOT,
        depot_of(place),
        None,
        SHOWN[papers.stage],
        "冷链、城配" if place % 13 == 0 else None,
        papers.model.body_type,
        papers.use_nature,
        registered,
        min(papers.registered_on + timedelta(days=2), today),
        papers.motor_no,
        papers.model.gvw_kg,
        2,
        f"{valid_to_on.year}年{valid_to_on.month}月",
        papers.purchased_on,
        papers.model.price_fen / 100,
        "直线法",
        60,
        "5%" if place % 2 else 5,
        9_000 + place * 7_919 % 81_000,
        "李工",
    )


def _changed(one: Booked) -> tuple[Any, ...]:
    """A vehicle that is there, with another tag and other seats; the rest says nothing."""
    cells: list[Any] = [None] * (len(HEADERS) - 1)
    for header, cell in (
        ("车架号", one.vin),
        ("标签", "盘点"),
        ("核定载人数", 3),
        ("经办人", "王工"),
    ):
        cells[HEADERS.index(header) - 1] = cell
    return tuple(cells)


def _spoilt(row: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """The row with a mistake as people make them."""
    mistakes = (
        ("车架号", row[0][:-1]),
        ("所属公司", "没有这个公司"),
        ("注册日期", "不详"),
        ("核定载人数", "两人半"),
        ("车型编码", "no-such-model"),
    )
    header, cell = mistakes[number % len(mistakes)]
    cells = list(row)
    cells[HEADERS.index(header) - 1] = cell
    return tuple(cells)
