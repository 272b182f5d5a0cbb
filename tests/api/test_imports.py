"""A sheet over HTTP: sent, looked at, shown, applied, sent again.

The worker's own process is left out: `test_import_worker.py`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.models.imports import ImportKindName
from fleet.sheets.headers import find_table
from fleet.sheets.kinds import IMPORT_KINDS
from fleet.sheets.reading import open_sheet
from fleet.sheets.rows import parse_row
from tests.api.import_hands import (
    ASLEEP_MS,
    IMPORTS,
    VEHICLES,
    Rows,
    applied,
    ask_to_apply,
    bad_and_good,
    checked,
    counts,
    rows_of,
    send,
    settled,
    sheets_of,
    vehicle_rows,
    vin_of,
)
from tests.api.served import Served, code_of, post, served
from tests.api.world import VINS
from tests.fixtures.databases import TestServer


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application that leaves sheets to the tests."""
    with served(_server_of(storage), import_poll_ms=ASLEEP_MS) as running:
        yield running


@pytest.fixture
def manager(api: Served) -> TestClient:
    """A manager at the head of alpha."""
    return api.person("alpha.manager")


def test_a_sheet_is_looked_at_first_and_applied_then(api: Served, manager: TestClient) -> None:
    sheet = [VEHICLES, *vehicle_rows(101, 102)]
    found = checked(manager, "vehicles", sheet)
    assert (found["state"], found["problem"]) == ("checked", None)
    assert counts(found) == (2, 0, 0, 0)
    assert manager.get(f"/api/v1/vehicles/{vin_of(101)}").status_code == 404
    [first, _] = rows_of(manager, found)
    assert (first["row_no"], first["outcome"], first["key"]) == (2, "new", vin_of(101))
    assert first["changes"]["operator"] == [None, "alpha-south"]
    done = applied(manager, found)
    assert (done["state"], done["problem"]) == ("applied", None)
    card = manager.get(f"/api/v1/vehicles/{vin_of(101)}").json()
    assert card["plate"] == "粤BD00101"
    again = checked(manager, "vehicles", sheet)
    assert counts(again) == (0, 0, 2, 0)


@pytest.fixture(scope="module")
def at_work(api: Served) -> list[str]:
    """VINs of two vehicles of alpha-south, with a model, policies, inspections and work."""
    manager, numbers = api.person("alpha.manager"), (1_001, 1_002)
    for kind, rows in sheets_of(*numbers):
        found = checked(manager, kind, rows)
        bad = [(row["row_no"], row["problems"]) for row in rows_of(manager, found, outcome="bad")]
        assert (found["state"], found["problem"], bad) == ("checked", None, []), kind
        done = applied(manager, found)
        assert (done["state"], done["problem"]) == ("applied", None), kind
    return [vin_of(number) for number in numbers]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["vehicles", "models", "policies", "inspections", "work_orders"])
def test_what_is_there_brought_in_again_changes_nothing(
    at_work: list[str], manager: TestClient, kind: str, form: str
) -> None:
    answer = manager.get(f"/api/v1/import-kinds/{kind}/current", params={"form": form})
    assert answer.status_code == 200, answer.text
    found = checked(manager, kind, answer.content, name=f"current.{form}")
    others = [
        (row["row_no"], row["changes"], row["problems"])
        for row in rows_of(manager, found)
        if row["outcome"] != "same"
    ]
    assert (found["state"], found["problem"], others) == ("checked", None, [])
    assert found["rows_same"] >= 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["vehicles", "policies", "inspections"])
def test_an_exported_list_brought_in_changes_nothing(
    at_work: list[str], manager: TestClient, kind: str, form: str, language: str
) -> None:
    answer = manager.get(
        f"/api/v1/{kind}/export", params={"form": form}, headers={"Accept-Language": language}
    )
    assert answer.status_code == 200, answer.text
    found = checked(manager, kind, answer.content, name=f"a.{form}")
    others = [
        (row["key"], row["outcome"], row["changes"], row["problems"])
        for row in rows_of(manager, found)
        if row["outcome"] != "same"
    ]
    assert (found["state"], found["problem"], others) == ("checked", None, [])
    assert found["rows_same"] >= 1


def test_a_changed_cell_is_told_from_what_to_what(
    api: Served, manager: TestClient, at_work: list[str]
) -> None:
    new_month = [("VIN", "检验有效期至", "车型"), (at_work[0], "2028-11", "")]
    found = checked(manager, "vehicles", new_month)
    [row] = rows_of(manager, found, outcome="changed")
    assert row["changes"] == {"inspection_valid_to": ["2027-05-01", "2028-11-01"]}
    assert applied(manager, found)["state"] == "applied"
    entries = api.person("alpha.auditor").get("/api/v1/audit", params={"object_key": found["key"]})
    [last, *earlier] = entries.json()["items"]
    assert last["action"] == "import.apply"
    assert last["after"] == {
        "kind": "vehicles",
        "file": "a.csv",
        "sha256": found["sha256"],
        "mode": "all_or_nothing",
        "rows_new": 0,
        "rows_changed": 1,
        "rows_same": 0,
        "rows_bad": 0,
    }
    assert [entry["action"] for entry in earlier] == ["import.approve", "import.create"]
    assert counts(checked(manager, "vehicles", new_month)) == (0, 0, 1, 0)


def test_all_or_nothing_is_refused_while_a_row_is_bad(manager: TestClient) -> None:
    found = checked(manager, "vehicles", bad_and_good(500))
    assert counts(found) == (1, 0, 0, 5)
    refused = ask_to_apply(manager, found, "all_or_nothing")
    assert (refused.status_code, code_of(refused)) == (409, "import_has_bad_rows")
    told = {
        row["row_no"]: [(problem["field"], problem["code"]) for problem in row["problems"]]
        for row in rows_of(manager, found, outcome="bad")
    }
    assert told == {
        3: [("vin", "vin_malformed")],
        4: [("vin", "row_repeated")],
        5: [("vin", "row_repeated")],
        6: [("operator", "organisation_unknown")],
        7: [("registered_on", told[7][0][1])],
    }


def test_good_rows_are_written_without_the_bad(manager: TestClient) -> None:
    found = checked(manager, "vehicles", bad_and_good(510))
    done = applied(manager, found, "good_rows")
    assert (done["state"], counts(done)) == ("applied", (1, 0, 0, 5))
    statuses = [
        manager.get(f"/api/v1/vehicles/{vin_of(number)}").status_code
        for number in (510, 512, 513, 514)
    ]
    assert statuses == [200, 404, 404, 404]
    again = ask_to_apply(manager, done, "good_rows")
    assert (again.status_code, code_of(again)) == (409, "import_not_checked")


@pytest.mark.parametrize(
    ("kind", "field", "rows"),
    [
        pytest.param(
            *("models", "code"),
            [("车型编码", "名称", "厂家", "车身类型"), ("export", "导出", "瑞驰", "厢式货车")],
            id="a model",
        ),
        pytest.param(
            *("policies", "policy_no"),
            [
                ("车牌号", "险种", "保单号", "保险公司", "起保日期", "终保日期"),
                ("粤BD01001", "交强险", "ex port", "人保财险", "2028-07-01", "2029-06-30"),
            ],
            id="a policy",
        ),
    ],
)
def test_a_word_of_the_addresses_is_told_by_row_and_column(
    manager: TestClient, at_work: list[str], kind: str, field: str, rows: Rows
) -> None:
    assert at_work[0] == vin_of(1_001)
    found = checked(manager, kind, rows)
    [bad] = rows_of(manager, found)
    assert (bad["row_no"], bad["outcome"]) == (2, "bad")
    told = [(problem["field"], problem["code"]) for problem in bad["problems"]]
    assert told == [(field, "code_reserved")]


def test_the_annotated_copy_tells_what_is_wrong_and_is_read_again(
    tmp_path: Path, manager: TestClient
) -> None:
    found = checked(manager, "vehicles", bad_and_good(520))
    answer = manager.get(f"{IMPORTS}/{found['key']}/annotated")
    assert answer.status_code == 200, answer.text
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(answer.content)
    rows = list(load_workbook(copy).active.values)
    assert (rows[1][0], rows[2][0]) == ("新增 new", "错误 error")
    assert "不是有效的车架号" in rows[2][1]
    assert counts(checked(manager, "vehicles", answer.content, name="copy.xlsx")) == (1, 0, 0, 5)


def test_an_application_is_of_the_version_that_was_read(manager: TestClient) -> None:
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(311)])
    stale = ask_to_apply(manager, found | {"version": found["version"] - 1}, "good_rows")
    assert (stale.status_code, code_of(stale)) == (412, "version_changed")


def test_what_changed_since_it_was_looked_at_is_told_anew(api: Served, manager: TestClient) -> None:
    """The plate is taken meanwhile, so nothing is written, and the row is shown as bad."""
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(321, 322)])
    body = {"vin": vin_of(329), "plate": "粤BD00322", "owner": "alpha"}
    taken = post(manager, "/api/v1/vehicles", body, api.unused("k"))
    assert taken.status_code == 201, taken.text
    told = applied(manager, found)
    assert (told["state"], told["problem"]["code"]) == ("checked", "import_changed_meanwhile")
    assert counts(told) == (1, 0, 0, 1)
    [bad] = rows_of(manager, told, outcome="bad")
    assert (bad["row_no"], bad["problems"][0]["code"]) == (3, "plate_taken")
    assert manager.get(f"/api/v1/vehicles/{vin_of(321)}").status_code == 404
    assert applied(manager, told, "good_rows")["state"] == "applied"
    assert manager.get(f"/api/v1/vehicles/{vin_of(321)}").status_code == 200


@pytest.mark.parametrize(
    ("kind", "content", "name", "told"),
    [
        ("vehicles", b"a,b\n1,2\n", "a.csv", "sheet_header_not_found"),
        ("vehicles", "车型,颜色\nEC35,白\n".encode(), "a.csv", "import_columns_missing"),
        ("vehicles", b"PK\x03\x04 torn", "a.xlsx", "sheet_unreadable"),
    ],
)
def test_a_sheet_that_cannot_be_read_fails_and_says_why(
    manager: TestClient, kind: str, content: bytes, name: str, told: str
) -> None:
    sent = send(manager, kind, content, name=name)
    if sent.status_code == 422:
        assert code_of(sent) == "document_type_refused"
        return
    found = settled(manager, sent.json()["key"])
    assert (found["state"], found["problem"]["code"]) == ("failed", told)
    assert found["problem"]["zh"] != found["problem"]["en"]
    assert rows_of(manager, found) == []


def test_two_sheets_at_once_are_both_done(api: Served, manager: TestClient) -> None:
    """They say the same of the same vehicles: one adds them, the other finds them there."""
    sheet = [VEHICLES, *vehicle_rows(*range(400, 420))]
    founds = [checked(manager, "vehicles", sheet) for _ in range(2)]
    for found in founds:
        assert ask_to_apply(manager, found, "all_or_nothing").status_code == 202
    done = [settled(manager, found["key"]) for found in founds]
    assert [each["state"] for each in done] == ["applied", "applied"]
    assert sorted(counts(each) for each in done) == [(0, 0, 20, 0), (20, 0, 0, 0)]


def test_columns_one_may_not_write_are_left_out(api: Served, at_work: list[str]) -> None:
    ops = api.person("alpha.ops")
    sheet = [("VIN", "购置价格", "购置日期", "标签"), (at_work[1], "1.00", "2020-01-01", "试驾")]
    found = checked(ops, "vehicles", sheet)
    assert found["headers"]["not_allowed"] == ["price_fen", "purchased_on"]
    [row] = rows_of(ops, found)
    assert row["changes"] == {"tags": [["冷链", "城配"], ["试驾"]]}
    current = ops.get("/api/v1/import-kinds/vehicles/current", params={"form": "csv"})
    assert "购置" not in current.text


def test_rows_with_prices_are_shown_to_who_may_see_prices(
    api: Served, manager: TestClient, at_work: list[str]
) -> None:
    found = checked(manager, "vehicles", [("VIN", "购置价格"), (at_work[1], "68000")])
    assert rows_of(manager, found)[0]["changes"] == {"price_fen": [6_850_000, 6_800_000]}
    for path in ("rows", "annotated"):
        answer = api.person("alpha.ops").get(f"{IMPORTS}/{found['key']}/{path}")
        assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_who_may_not_add_vehicles_does_not_by_a_sheet(api: Served) -> None:
    found = checked(api.person("alpha.ops"), "vehicles", [VEHICLES, *vehicle_rows(331)])
    [row] = rows_of(api.person("alpha.ops"), found)
    assert [problem["code"] for problem in row["problems"]] == ["permission_missing"]


def test_a_vehicle_of_another_tenant_is_not_in_sight(manager: TestClient) -> None:
    sheet = [("车架号", "检验日期", "有效期至"), (VINS["omega-depot"], "2026-05-12", "2027-05")]
    [row] = rows_of(manager, checked(manager, "inspections", sheet))
    assert (row["outcome"], row["problems"][0]["code"]) == ("bad", "vehicle_not_in_sight")


def test_a_list_of_imports_comes_in_pages(api: Served, manager: TestClient) -> None:
    for number in (341, 342, 343):
        checked(manager, "vehicles", [VEHICLES, *vehicle_rows(number)])
    params = {"kind": "vehicles", "state": "checked", "limit": 2}
    first = manager.get(IMPORTS, params=params).json()
    second = manager.get(IMPORTS, params=params | {"after": first["next"]}).json()
    keys = [each["key"] for each in (*first["items"], *second["items"])]
    assert len(set(keys)) == len(keys) >= 3
    others = api.person("omega.manager").get(IMPORTS).json()
    assert others["items"] == []


def test_the_kinds_are_told_with_their_words(manager: TestClient) -> None:
    kinds = {each["kind"]: each for each in manager.get("/api/v1/import-kinds").json()}
    assert list(kinds) == list(IMPORT_KINDS) == list(get_args(ImportKindName))
    words = {column["field"]: column["synonyms"] for column in kinds["vehicles"]["columns"]}
    assert "号牌号码" in words["plate"]
    assert "车辆识别代号" in words["vin"]


@pytest.mark.parametrize("kind", list(IMPORT_KINDS))
def test_a_template_is_read_as_a_sheet_of_its_kind(
    tmp_path: Path, manager: TestClient, kind: str
) -> None:
    answer = manager.get(f"/api/v1/import-kinds/{kind}/template")
    path = tmp_path / "template.xlsx"
    path.write_bytes(answer.content)
    with open_sheet(path) as sheet:
        headers, rows = find_table(sheet.rows, IMPORT_KINDS[kind].kind.columns)
        columns = IMPORT_KINDS[kind].kind.columns
        [example] = [parse_row(row_no, values, columns, headers) for row_no, values in rows]
    assert list(headers.places) == [column.field for column in columns]
    assert [problem.code for problem in example.problems] == ["example_row"]
    assert all(example.values[column.field] is not None for column in columns)
