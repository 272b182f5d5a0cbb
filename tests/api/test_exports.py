"""Lists as tables: the rows of all pages with the filters, cells of the right type, no formulas."""

import csv
import gc
import inspect
import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import openpyxl
import pytest
from fastapi import Query
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import BaseModel

from api import exports
from api.answers import Filed, respond
from api.exports import Export, columns_of, exporting
from api.labels import Words
from api.operation import Answer
from api.pages import DEFAULT_LIMIT, After, Limit, Page
from kit.table_files import TableColumn, write_table
from tests.api.served import Served, code_of
from tests.api.world import SERIALS, VINS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZH: Final = {"Accept-Language": "zh-CN"}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha."""
    return api.person("alpha.owner")


def rows_of(answer: Response) -> list[list[Any]]:
    """The cells of an .xlsx or a .csv that was answered."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == XLSX:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_list_is_told_as_a_sheet(owner: TestClient) -> None:
    answer = owner.get("/api/v1/devices/export")
    header, *rows = rows_of(answer)
    assert header == ["Terminal", "Owner", "VIN", "In this vehicle since"]
    assert [row[:3] for row in rows] == [
        [SERIALS["alpha-depot"], "alpha", VINS["alpha-depot"]],
        [SERIALS["alpha-north"], "alpha", VINS["alpha-north"]],
    ]
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_instants_are_of_the_organisations_zone(api: Served, owner: TestClient) -> None:
    listed = owner.get("/api/v1/devices").json()["items"][0]["bound_from"]
    told = rows_of(owner.get("/api/v1/devices/export"))[1][3]
    moved = datetime.fromisoformat(listed) - told.replace(tzinfo=UTC)
    assert abs(moved.total_seconds() + 8 * 3600) < 1
    api.as_owner("UPDATE organisations SET time_zone = 'Asia/Urumqi' WHERE code = 'alpha'")
    try:
        there = rows_of(owner.get("/api/v1/devices/export?form=csv"))[1][3]
    finally:
        api.as_owner("UPDATE organisations SET time_zone = 'Asia/Shanghai' WHERE code = 'alpha'")
    assert (told - datetime.fromisoformat(there)).total_seconds() == 2 * 3600


def test_headers_words_and_the_file_are_chinese_to_who_reads_it(owner: TestClient) -> None:
    answer = owner.get("/api/v1/vehicles/export?form=csv&q=LSGPC52U6AF102554", headers=ZH)
    header, row = rows_of(answer)
    told = dict(zip(header, row, strict=True))
    assert (told["车架号"], told["行驶状态"], told["在线"]) == (
        VINS["alpha-depot"],
        "未上线",
        "否",
    )
    named = answer.headers["content-disposition"]
    assert named.startswith('attachment; filename="__-20')
    assert "; filename*=UTF-8''%E8%BD%A6%E8%BE%86-20" in named
    assert answer.headers["content-language"] == "zh-CN"


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_filters_of_the_list_are_those_of_the_table(owner: TestClient, form: str) -> None:
    path = f"/api/v1/devices/export?form={form}"
    assert [row[0] for row in rows_of(owner.get(f"{path}&q=TA-2"))[1:]] == ["TA-2"]
    assert rows_of(owner.get(f"{path}&bound=false"))[1:] == []


@pytest.mark.parametrize("query", ["limit=5", "after=x", "form=pdf", "nothing=1"])
def test_what_is_no_filter_is_refused(owner: TestClient, query: str) -> None:
    assert owner.get(f"/api/v1/devices/export?{query}").status_code == 422


def test_an_export_is_only_read(owner: TestClient) -> None:
    told = owner.delete("/api/v1/parameters/export")
    assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD")


def test_a_file_that_nobody_reads_is_closed() -> None:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (its answer closes it)
    answer = respond(Filed(file, "text/csv"), None, 200)
    assert file.closed is False
    del answer
    gc.collect()
    assert file.closed is True


def test_who_may_not_read_the_list_gets_no_table(api: Served) -> None:
    answer = api.person("alpha.viewer").get("/api/v1/audit/export?form=csv")
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_others_rows_are_not_in_it(api: Served) -> None:
    told = rows_of(api.person("omega.owner").get("/api/v1/vehicles/export?form=csv"))
    assert [row[0] for row in told[1:]] == [VINS["omega-depot"]]


@pytest.fixture
def thousand(api: Served) -> Iterator[list[str]]:
    """Terminals of omega, more than five pages of them."""
    serials = [f"M-{number:04d}" for number in range(1_000)]
    api.as_owner(
        "INSERT INTO devices (tenant_id, serial, owner_id) SELECT o.id, s, o.id"
        " FROM organisations o, unnest(%s::text[]) s WHERE o.code = 'omega'",
        serials,
    )
    yield serials
    api.as_owner("DELETE FROM devices WHERE serial LIKE 'M-%%'")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_every_page_is_in_it_once(api: Served, thousand: list[str], form: str) -> None:
    told = rows_of(api.person("omega.owner").get(f"/api/v1/devices/export?form={form}&bound=false"))
    assert [row[0] for row in told[1:]] == thousand


def test_a_list_that_is_too_long_says_so(
    api: Served, thousand: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 999)
    answer = api.person("omega.owner").get("/api/v1/devices/export?bound=false", headers=ZH)
    assert (answer.status_code, code_of(answer)) == (422, "export_too_long")
    assert answer.json()["detail"] == "一次最多导出 999 行，请缩小筛选范围"
    assert len(thousand) == 1_000


# Columns and cells


class Sum(BaseModel):
    """Within a thing."""

    sum_fen: int | None
    noted: dict[str, Any]


class Thing(BaseModel):
    """Of every kind of field."""

    name: str
    price_fen: int
    on: date
    at: datetime | None
    share: Decimal
    many: list[str]
    cover: Sum | None
    good: bool
    number: int
    version: int
    hidden: str
    key: UUID


SPEC: Final = Export(
    Words("物", "things"),
    {
        "price_fen": Words("价格", "Price"),
        "on": Words("日期", "On"),
        "at": Words("时间", "At"),
        "share": Words("占比", "Share"),
        "many": Words("多项", "Many"),
        "cover.sum_fen": Words("保额(元)", "Sum"),
        "cover.noted": Words("备注", "Noted"),
        "good": Words("良好", "Good"),
        "number": Words("序号", "No"),
        "key": Words("编号", "Key"),
    },
    {"many": {"a": Words("甲", "A")}},
    left_out=frozenset({"hidden"}),
)
THING: Final = Thing(
    name="=1+1",
    price_fen=8_650_050,
    on=date(2026, 2, 28),
    at=datetime(2026, 6, 30, 16, 0, 5, 999_999, UTC),
    share=Decimal("5.25"),
    many=["a", "b"],
    cover=Sum(sum_fen=-1, noted={"险": 1}),
    good=True,
    number=10**15,
    version=1,
    hidden="x",
    key=UUID(int=1),
)


def test_columns_come_from_the_model() -> None:
    told = [(column.name, column.kind, column.label.zh) for column in columns_of(Thing, SPEC)]
    assert told == [
        ("name", "text", "名称"),
        ("price_fen", "money", "价格（元）"),
        ("on", "date", "日期"),
        ("at", "instant", "时间"),
        ("share", "number", "占比"),
        ("many", "text", "多项"),
        ("cover.sum_fen", "money", "保额(元)"),
        ("cover.noted", "text", "备注"),
        ("good", "text", "良好"),
        ("number", "number", "序号"),
        ("key", "text", "编号"),
    ]


def test_a_field_without_a_label_is_a_fault() -> None:
    with pytest.raises(LookupError, match=r"Thing\.price_fen has no label"):
        columns_of(Thing, Export(Words("物", "things")))


def cells(item: Thing, language: exports.Language = "zh") -> list[Any]:
    reader = exports.Reader(language, exports.ZoneInfo("Asia/Shanghai"))
    return [reader.cell(item, column, SPEC) for column in columns_of(Thing, SPEC)]


def test_cells_of_a_thing() -> None:
    assert cells(THING) == [
        "=1+1",
        Decimal("86500.50"),
        date(2026, 2, 28),
        datetime.fromisoformat("2026-07-01T00:00:05"),
        Decimal("5.25"),
        "甲、b",
        Decimal("-0.01"),
        '{"险": 1}',
        "是",
        10**15,
        str(UUID(int=1)),
    ]
    bare = THING.model_copy(update={"cover": None, "at": None, "good": False})
    assert cells(bare, "en")[3:9] == [None, Decimal("5.25"), "A, b", None, None, "no"]


def written(form: exports.Form, rows: list[list[Any]]) -> bytes:
    columns = columns_of(Thing, SPEC)
    out = io.BytesIO()
    write_table([TableColumn(each.label.zh, each.kind) for each in columns], rows, form, out)
    return out.getvalue()


def test_cells_of_a_sheet_have_types_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [cells(THING)])))
    header, row = book.active.iter_rows()
    assert [cell.value for cell in header][:2] == ["名称", "价格（元）"]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in row] == [
        ("=1+1", "s", "@"),
        (86500.5, "n", "#,##0.00"),
        (datetime.fromisoformat("2026-02-28"), "d", "yyyy-mm-dd"),
        (datetime.fromisoformat("2026-07-01T00:00:05"), "d", "yyyy-mm-dd hh:mm:ss"),
        (5.25, "n", "General"),
        ("甲、b", "s", "@"),
        (-0.01, "n", "#,##0.00"),
        ('{"险": 1}', "s", "@"),
        ("是", "s", "@"),
        ("1000000000000000", "s", "General"),
        (str(UUID(int=1)), "s", "@"),
    ]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    told = written("csv", [[text, Decimal("-1"), *[None] * 9]])
    assert told.startswith(b"\xef\xbb\xbf")
    _, row = csv.reader(io.StringIO(told.decode("utf-8-sig"), newline=""))
    assert row == [f"'{text}", "-1.00", *[""] * 9]


def test_a_text_longer_than_a_cell_is_cut() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [["𠮷" * 20_000, *[None] * 10]])))
    told = book.active["A2"].value
    assert (len(told), told[-2:]) == (16_384, "𠮷…")


def test_a_list_without_pages_is_exported_whole() -> None:
    def list_things(call: Any, q: Annotated[str | None, Query()] = None) -> list[Thing]:
        """Things."""
        return []

    def list_pages(
        call: Any, limit: Limit = DEFAULT_LIMIT, after: After = None
    ) -> Answer[Page[Thing]]:
        """Things in pages."""
        raise AssertionError

    assert list(inspect.signature(exporting(list_things, SPEC)).parameters) == ["call", "q", "form"]
    assert list(inspect.signature(exporting(list_pages, SPEC)).parameters) == ["call", "form"]
    assert exporting(list_things, SPEC).__name__ == "export_things"
