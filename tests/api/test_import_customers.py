"""A sheet of customers over HTTP: its whole way; and numbers of people are seen masked only."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from xlsxwriter import Workbook

from api import housekeeping
from api.deps import AppState
from fleet.documents.model import key_of_bytes
from fleet.sheets import jobs
from tests.api.import_hands import (
    ASLEEP_MS,
    IMPORTS,
    applied,
    checked,
    counts,
    rows_of,
    send,
    settled,
)
from tests.api.served import Served, code_of, served
from tests.fixtures.databases import TestServer
from tests.fleet.customers.numbers import account_no, credit_code, id_card

HEADINGS: Final = (
    *("客户编号", "原编号", "客户类型", "客户名称", "证件类型", "证件号码", "手机", "联系人"),
    *("联系人电话", "地址", "税号", "开户行", "银行账号", "客户等级", "备注", "所属组织"),
)
CUSTOMERS: Final = "/api/v1/customers"
UNUSED: Final[Iterator[int]] = itertools.count(20_000)
Told = dict[str, Any]


def row(name: str = "李娜", **given: Any) -> list[Any]:
    """A row under HEADINGS, of a person unless said."""
    told = {"客户类型": "个人", "客户名称": name} | given
    return [told.get(heading) for heading in HEADINGS]


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application that leaves sheets to the test."""
    with served(_server_of(storage), import_poll_ms=ASLEEP_MS) as running:
        yield running


@pytest.fixture
def manager(api: Served) -> TestClient:
    """A manager at the head of alpha."""
    return api.person("alpha.manager")


@pytest.fixture
def reference(api: Served) -> str:
    """One that nobody has."""
    return api.unused("KH-")


def looked_at(client: TestClient, *rows: list[Any]) -> Told:
    return checked(client, "customers", [HEADINGS, *rows])


def brought_in(client: TestClient, *rows: list[Any]) -> None:
    found = looked_at(client, *rows)
    bad = [each["problems"] for each in rows_of(client, found, outcome="bad")]
    assert (found["state"], bad) == ("checked", [])
    done = applied(client, found)
    assert (done["state"], done["problem"]) == ("applied", None)


def problems(client: TestClient, *rows: list[Any]) -> list[list[tuple[str | None, str]]]:
    """(field, code) of what stands against each row."""
    return [
        [(each["field"], each["code"]) for each in found["problems"]]
        for found in rows_of(client, looked_at(client, *rows))
    ]


def card_of(client: TestClient, reference: str) -> Told:
    [card] = [
        each
        for each in client.get(CUSTOMERS, params={"q": reference}).json()["items"]
        if each["reference"] == reference
    ]
    return dict(client.get(f"{CUSTOMERS}/{card['customer_no']}").json())


def whole(reference: str, number: str) -> list[Any]:
    """A person with everything."""
    return row(
        原编号=reference,
        证件号码=f" {number[:6]} {number[6:14]} {number[14:].lower()} ",
        手机="+86 138-1234-5678",
        联系人="王强",
        联系人电话="13912345678",
        地址="深圳市南山区",
        开户行="招商银行",
        银行账号="6222 0212 3456 7890 123",
        客户等级="大客户",
        备注="月结",
        所属组织="alpha-depot",
    )


def test_a_sheet_of_customers_goes_its_whole_way(
    api: Served, manager: TestClient, reference: str
) -> None:
    number = id_card(next(UNUSED))
    sheet = whole(reference, number)
    found = looked_at(manager, sheet)
    [first] = rows_of(manager, found)
    assert (found["state"], counts(found), first["problems"]) == ("checked", (1, 0, 0, 0), [])
    assert first["key"] == reference
    masked = f"{number[:3]}{'*' * 11}{number[14:]}"
    assert first["changes"] == {
        name: [None, told]
        for name, told in {
            "reference": reference,
            "kind": "person",
            "name": "李娜",
            "id_type": "id_card",
            "id_number": masked,
            "phone": "138****5678",
            "contact": "王强",
            "contact_phone": "139****5678",
            "address": "深圳市南山区",
            "bank": "招商银行",
            "account_no": "***************0123",
            "tier": "key",
            "notes": "月结",
            "organisation": "alpha-depot",
        }.items()
    }
    done = applied(manager, found)
    assert (done["state"], done["problem"]) == ("applied", None)
    card = card_of(manager, reference)
    assert (card["id_number"], card["organisation"], card["tier"]) == (masked, "alpha-depot", "key")
    assert card["contacts"] == [{"name": "王强", "phone": "139****5678", "position": None}]
    accounts = manager.get(f"{CUSTOMERS}/{card['customer_no']}/accounts").json()
    assert [(a["bank"], a["holder"], a["account_no"][-4:]) for a in accounts] == [
        ("招商银行", "李娜", "0123")
    ]
    assert counts(looked_at(manager, sheet)) == (0, 0, 1, 0)


def test_numbers_of_people_are_kept_in_clear_nowhere(
    api: Served, manager: TestClient, reference: str
) -> None:
    """Neither before it is applied nor after, but in the sheet itself, which is not kept then."""
    number = id_card(next(UNUSED))
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    found = looked_at(
        manager,
        whole(reference, number),
        row(证件号码=wrong),
        row(证件类型=number, 原编号="x"),
        row(证件号码=number, 原编号="y"),
        row(原编号=number),
    )
    assert counts(found)[3] >= 4
    texts = api.as_owner("SELECT r::text FROM import_rows r")
    texts += api.as_owner("SELECT a::text FROM audit_entries a")
    held = json.dumps([text for (text,) in texts], ensure_ascii=False)
    for secret in (number, wrong, "13812345678", "13912345678", "6222021234567890123"):
        assert secret not in held
    applied(manager, found, "good_rows")
    query = "SELECT count(*)::int FROM import_rows r JOIN imports i ON i.id = r.import_id"
    kept = api.as_owner(f"{query} WHERE i.key = %s AND r.changes IS NOT NULL", found["key"])
    assert kept == [(0,)]
    copy = manager.get(f"{IMPORTS}/{found['key']}/annotated")
    assert (copy.status_code, code_of(copy)) == (404, "document_withdrawn")


def test_a_changed_cell_is_told_and_a_blank_one_leaves_what_is_there(
    api: Served, manager: TestClient, reference: str
) -> None:
    number = id_card(next(UNUSED))
    brought_in(manager, whole(reference, number))
    changed = row("李丽娜", 原编号=reference, 手机="13800000000", 银行账号=account_no(9))
    found = looked_at(manager, changed)
    [told] = rows_of(manager, found)
    assert (told["outcome"], told["changes"]) == (
        "changed",
        {
            "name": ["李娜", "李丽娜"],
            "phone": ["138****5678", "138****0000"],
            "account_no": ["***************0123", "***************0009"],
        },
    )
    applied(manager, found)
    card = card_of(manager, reference)
    assert (card["name"], card["phone"], card["tier"]) == ("李丽娜", "138****0000", "key")
    assert card["addresses"] == [{"kind": "registered", "text": "深圳市南山区"}]
    accounts = manager.get(f"{CUSTOMERS}/{card['customer_no']}/accounts").json()
    assert [each["account_no"][-4:] for each in accounts] == ["0009"]
    assert counts(looked_at(manager, changed)) == (0, 0, 1, 0)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_there_goes_out_masked_and_comes_in_again_unchanged(
    api: Served, manager: TestClient, reference: str, form: str
) -> None:
    number = id_card(next(UNUSED))
    brought_in(
        manager,
        whole(reference, number),
        row("前行公司", 客户类型="企业", 证件号码=credit_code(next(UNUSED))),
    )
    sheet = manager.get("/api/v1/import-kinds/customers/current", params={"form": form})
    assert sheet.status_code == 200, sheet.text
    assert number.encode() not in sheet.content
    found = checked(manager, "customers", sheet.content, name=f"a.{form}")
    others = [
        (each["key"], each["changes"], each["problems"])
        for each in rows_of(manager, found)
        if each["outcome"] != "same"
    ]
    assert (found["problem"], others) == (None, [])
    assert found["rows_same"] >= 2


def test_an_exported_list_brought_in_changes_nothing(
    api: Served, manager: TestClient, reference: str
) -> None:
    brought_in(manager, whole(reference, id_card(next(UNUSED))))
    answer = manager.get(
        f"{CUSTOMERS}/export",
        params={"form": "csv", "q": reference},
        headers={"Accept-Language": "zh"},
    )
    found = checked(manager, "customers", answer.content)
    told = [(each["outcome"], each["problems"]) for each in rows_of(manager, found)]
    assert told == [("same", [])]


def test_rows_of_one_customer_are_bad_however_it_is_named(
    api: Served, manager: TestClient, reference: str
) -> None:
    number = id_card(next(UNUSED))
    twice = row(原编号=reference)
    assert problems(manager, twice, twice) == [[("customer_no", "row_repeated")]] * 2
    [one, other] = problems(manager, row(原编号=reference, 证件号码=number), row(证件号码=number))
    assert one == other == [("id_number", "row_repeated")]
    brought_in(manager, row(原编号=reference, 证件号码=number))
    no = card_of(manager, reference)["customer_no"]
    named = (row(客户编号=no), row(原编号=reference), row(证件号码=number))
    told = problems(manager, *named)
    assert [("customer_no", "row_repeated") in each for each in told] == [True] * 3


ODD: Final[dict[str, tuple[Told, list[tuple[str | None, str]]]]] = {
    "known by nothing": ({}, [("reference", "customer_not_identified")]),
    "a person without a number": ({"原编号": "new"}, []),
    "no such number here": ({"客户编号": "C2611-AAAAAA"}, [("customer_no", "customer_unknown")]),
    "an ID card with a slip": (
        {"证件号码": "110105194912310021"},
        [("id_number", "id_number_check_wrong")],
    ),
    "a company's paper": (
        {"原编号": "new", "证件类型": "营业执照", "证件号码": credit_code(1)},
        [("id_type", "id_type_unfit")],
    ),
    "digits that Excel lost": (
        {"原编号": "new", "证件号码": "4.40301E+17"},
        [("id_number", "digits_lost")],
    ),
    "no phone": ({"原编号": "new", "手机": "12"}, [("phone", "telephone_malformed")]),
    "a phone of nobody": (
        {"原编号": "new", "联系人电话": "13812345678"},
        [("contact", "contact_incomplete")],
    ),
    "an account of no bank": (
        {"原编号": "new", "银行账号": account_no(3)},
        [("bank", "account_incomplete")],
    ),
    "a number in a text": (
        {"原编号": "new", "备注": f"证件 {id_card(3)}"},
        [(None, "id_number_in_clear")],
    ),
    "a tax number of a person": (
        {"原编号": "new", "税号": id_card(4)},
        [("tax_no", "tax_no_is_id_number")],
    ),
    "a tier nobody knows": ({"原编号": "new", "客户等级": "钻石"}, [("tier", "not_a_choice")]),
    "nowhere": ({"原编号": "new", "所属组织": "omega"}, [("organisation", "organisation_unknown")]),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_row_says_what_is_wrong(api: Served, manager: TestClient, odd: str) -> None:
    given, told = ODD[odd]
    if given.get("原编号") == "new":
        given = given | {"原编号": api.unused("ODD-")}
    assert problems(manager, row(**given)) == [told]


def test_a_customer_of_a_sheet_stays_what_and_where_it_is(
    api: Served, manager: TestClient, reference: str
) -> None:
    brought_in(manager, row(原编号=reference, 所属组织="alpha-depot"))
    no = card_of(manager, reference)["customer_no"]
    assert problems(manager, row(客户编号=no, 客户类型="企业", 所属组织="alpha")) == [
        [("kind", "not_changed_by_sheet"), ("organisation", "not_changed_by_sheet")]
    ]


def test_a_number_of_another_customer_is_not_taken(
    api: Served, manager: TestClient, reference: str
) -> None:
    number = id_card(next(UNUSED))
    brought_in(manager, row("王芳", 原编号=reference, 证件号码=number))
    other = api.unused("KH-")
    brought_in(manager, row("李娜", 原编号=other))
    assert problems(manager, row("李娜", 原编号=other, 证件号码=number)) == [
        [("id_number", "customer_exists")]
    ]
    assert problems(manager, row("王芳", 原编号=api.unused("KH-"), 证件号码=number)) == [
        [("reference", "customer_exists")]
    ]


def test_a_reference_of_a_merged_customer_is_its_survivor_s(
    api: Served, manager: TestClient, reference: str
) -> None:
    other = api.unused("KH-")
    brought_in(manager, row("王芳", 原编号=reference), row("王 芳", 原编号=other))
    stays, goes = (card_of(manager, each)["customer_no"] for each in (reference, other))
    merged = api.person("alpha.manager", step_up=True).post(
        f"{CUSTOMERS}/{goes}/merge", json={"into": stays, "reason": "重复"}
    )
    assert merged.status_code == 200, merged.text
    [told] = rows_of(manager, looked_at(manager, row("王芳芳", 原编号=other)))
    assert told["key"] == stays
    assert told["changes"]["name"] == ["王芳", "王芳芳"]


def test_the_same_reference_of_another_organisation_is_another_customer(
    api: Served, manager: TestClient, reference: str
) -> None:
    brought_in(
        manager,
        row("北店", 原编号=reference, 所属组织="alpha-north"),
        row("南店", 原编号=reference, 所属组织="alpha-south"),
    )
    assert problems(manager, row("谁", 原编号=reference)) == [[("reference", "customer_ambiguous")]]
    found = looked_at(manager, row("北店", 原编号=reference, 所属组织="alpha-north"))
    assert counts(found) == (0, 0, 1, 0)


def test_who_may_not_add_customers_does_not_by_a_sheet(api: Served, reference: str) -> None:
    ops = api.person("alpha.ops")
    [told] = rows_of(ops, looked_at(ops, row(原编号=reference)))
    assert [each["code"] for each in told["problems"]] == ["permission_missing"]
    machine = api.machine("import.run")
    found = looked_at(machine, row(原编号=reference))
    assert (found["state"], found["problem"]["code"]) == ("failed", "permission_missing")
    sheet = machine.get("/api/v1/import-kinds/customers/current")
    assert (sheet.status_code, code_of(sheet)) == (403, "permission_missing")


def test_without_the_key_a_sheet_of_customers_fails_and_says_why(
    api: Served, manager: TestClient, reference: str
) -> None:
    sent = send(manager, "customers", [HEADINGS, row(原编号=reference)])
    state: AppState = api.app.state.guanche
    with state.pool.connection() as conn:
        claim = jobs.claim_next(conn)
    assert claim is not None
    jobs.run_import(state.settings.model_copy(update={"secret_key": None}), claim)
    found = settled(manager, sent.json()["key"])
    assert (found["state"], found["problem"]["code"]) == ("failed", "sealing_key_missing")


def test_an_id_number_that_excel_keeps_as_a_number_is_told_without_it(
    tmp_path: Path, manager: TestClient, reference: str
) -> None:
    path = tmp_path / "a.xlsx"
    with Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["" if each is None else each for each in row(原编号=reference)])
        sheet.write_number(1, HEADINGS.index("证件号码"), 110105194912310021)
    found = checked(manager, "customers", path.read_bytes(), name="a.xlsx")
    [told] = rows_of(manager, found)
    [problem] = told["problems"]
    assert (problem["field"], problem["code"]) == ("id_number", "digits_lost")
    assert "1101" not in problem["en"] + problem["zh"]


def test_erasing_a_person_empties_what_sheets_said_of_them(
    api: Served, manager: TestClient, reference: str
) -> None:
    """Also of a sheet that was looked at only."""
    number = id_card(next(UNUSED))
    brought_in(manager, row("王芳", 原编号=reference, 证件号码=number))
    found = looked_at(manager, row("王芳芳", 原编号=reference), row("别人", 原编号=api.unused("K")))
    no = card_of(manager, reference)["customer_no"]
    owner = api.person("alpha.owner", step_up=True)
    erased = owner.post(f"{CUSTOMERS}/{no}/erase", json={"reason": "本人申请"})
    assert (erased.status_code, erased.json()["sheet_rows_emptied"]) == (200, 2)
    first, second = rows_of(manager, found)
    assert (first["key"], first["changes"]) == (None, {})
    assert second["changes"]["name"] == [None, "别人"]
    copy = manager.get(f"{IMPORTS}/{found['key']}/annotated")
    assert (copy.status_code, code_of(copy)) == (404, "document_withdrawn")


def test_the_bytes_of_an_applied_sheet_are_deleted_within_the_hour(
    api: Served, manager: TestClient, reference: str
) -> None:
    """By the process that serves; a sheet that was only looked at stays."""
    state: AppState = api.app.state.guanche
    waiting = looked_at(manager, row(原编号=api.unused("K")))
    found = looked_at(manager, row(原编号=reference))
    places = [place_of(api, each["key"]) for each in (found, waiting)]
    assert [state.files.exists(place) for place in places] == [True, True]
    assert applied(manager, found)["state"] == "applied"
    housekeeping.sweep_files(state)
    assert [state.files.exists(place) for place in places] == [False, True]


def place_of(api: Served, key: str) -> str:
    """Where the bytes of a sheet lie."""
    [(tenant_id, sha256)] = api.as_owner(
        "SELECT tenant_id, sha256 FROM documents WHERE subject_kind = 'import'"
        " AND subject_key = %s",
        key,
    )
    return key_of_bytes(tenant_id, sha256)
