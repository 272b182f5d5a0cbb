"""A sheet of leases over HTTP: leases that run already come into the books."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from xlsxwriter import Workbook

from tests.api.import_hands import (
    ASLEEP_MS,
    VEHICLES,
    applied,
    checked,
    counts,
    rows_of,
    vehicle_rows,
    vin_of,
)
from tests.api.served import Served, served
from tests.fixtures.databases import TestServer
from tests.fleet.customers.numbers import id_card

HEADINGS: Final = (
    *("合同编号", "客户", "车架号", "租赁类型", "起租日", "到期日", "租期", "月租金", "计租单位"),
    *("押金", "账期", "限定里程", "超里程单价", "宽限期", "滞纳金", "首付", "买断价", "交车日"),
    *("交车里程", "备注"),
)
LEASES: Final = "/api/v1/leases"
CUSTOMER: Final = "KH-1"
CARD: Final = id_card(31_000)
UNUSED: Final[Iterator[int]] = itertools.count(5_001)
Told = dict[str, Any]


def row(reference: str, number: int, **given: Any) -> list[Any]:
    """A row under HEADINGS: a long lease of a year that runs, with vehicle `number`."""
    told = {
        "合同编号": reference,
        "客户": CUSTOMER,
        "车架号": vin_of(number),
        "租赁类型": "长租",
        "起租日": "2026-03-18",
        "到期日": "2027-03-17",
        "月租金": "3,000.00",
        "押金": 8_000,
        "限定里程": 5_000,
        "超里程单价": 1,
        "宽限期": 3,
        "滞纳金": "万分之五",
        "交车日": "2026-03-18",
        "交车里程": 1_200,
    } | given
    return [told.get(heading) for heading in HEADINGS]


PLANNED: Final = {"交车日": None, "交车里程": None}
"""The vehicle is not handed over yet."""


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application that leaves sheets to the test; alpha-south has a customer."""
    with served(_server_of(storage), import_poll_ms=ASLEEP_MS) as running:
        people = [
            ("原编号", "客户类型", "客户名称", "证件号码", "所属组织"),
            (CUSTOMER, "个人", "李娜", CARD, "alpha-south"),
            ("KH-NORTH", "企业", "北方物流", None, "alpha-north"),
        ]
        bring_in(running.person("alpha.manager"), "customers", people)
        yield running


@pytest.fixture
def manager(api: Served) -> TestClient:
    """A manager at the head of alpha."""
    return api.person("alpha.manager")


@pytest.fixture
def numbers(manager: TestClient) -> list[int]:
    """Of three new vehicles that alpha-south has in stock."""
    found = [next(UNUSED) for _ in range(3)]
    bring_in(manager, "vehicles", [VEHICLES, *vehicle_rows(*found)])
    return found


@pytest.fixture
def reference(api: Served) -> str:
    """Of a contract that nobody has."""
    return api.unused("HT-")


def bring_in(client: TestClient, kind: str, sheet: Any) -> Told:
    found = checked(client, kind, sheet)
    bad = [each["problems"] for each in rows_of(client, found, outcome="bad")]
    assert (found["state"], found["problem"], bad) == ("checked", None, [])
    done = applied(client, found)
    assert (done["state"], done["problem"]) == ("applied", None)
    return done


def looked_at(client: TestClient, *rows: list[Any]) -> Told:
    return checked(client, "leases", [HEADINGS, *rows])


def leased(client: TestClient, *rows: list[Any]) -> Told:
    return bring_in(client, "leases", [HEADINGS, *rows])


def problems(client: TestClient, *rows: list[Any]) -> list[list[tuple[str | None, str]]]:
    """(field, code) of what stands against each row."""
    return [
        [(each["field"], each["code"]) for each in found["problems"]]
        for found in rows_of(client, looked_at(client, *rows))
    ]


def lease_of(client: TestClient, reference: str) -> Told:
    [short] = [
        each
        for each in client.get(LEASES, params={"q": reference}).json()["items"]
        if each["reference"] == reference
    ]
    return dict(client.get(f"{LEASES}/{short['lease_no']}").json())


def test_a_lease_that_runs_comes_into_the_books_signed_and_handed_out(
    api: Served, manager: TestClient, numbers: list[int], reference: str
) -> None:
    sheet = [row(reference, numbers[0]), row(reference, numbers[1], 月租金="￥2,800")]
    done = leased(manager, *sheet)
    assert counts(done) == (2, 0, 0, 0)
    lease = lease_of(manager, reference)
    assert (lease["state"], lease["kind"], lease["customer_name"]) == ("active", "long", "李娜")
    assert (lease["starts_on"], lease["ends_on"]) == ("2026-03-18", "2027-03-17")
    assert (lease["organisation"], lease["vehicles_out"]) == ("alpha-south", 2)
    assert lease["signed_at"] == lease["started_at"] == "2026-03-17T16:00:00Z"
    terms = lease["terms"]
    assert [(each["vin"], each["rent_fen"]) for each in terms["lines"]] == [
        (vin_of(numbers[0]), 300_000),
        (vin_of(numbers[1]), 280_000),
    ]
    assert terms["lines"][0]["mileage"]["included_km"] == 5_000
    assert terms["late_fee"]["grace_days"] == 3
    assert float(terms["late_fee"]["rate_per_day"]) == 0.0005
    vehicle = f"/api/v1/vehicles/{vin_of(numbers[0])}"
    assert manager.get(f"{vehicle}/stages").json()[-1]["stage"] == "let"
    odometer = manager.get(f"{vehicle}/odometer").json()
    assert "1200" in str(odometer)
    told = manager.get("/api/v1/hand-overs", params={"vin": vin_of(numbers[0])}).json()["items"]
    assert [(each["occasion"], each["odometer_km"]) for each in told] == [("import", 1200)]
    assert counts(looked_at(manager, *sheet)) == (0, 0, 2, 0)


def test_a_vehicle_that_is_not_delivered_is_promised(
    manager: TestClient, numbers: list[int], reference: str
) -> None:
    leased(manager, row(reference, numbers[0], **PLANNED), row(reference, numbers[1]))
    lease = lease_of(manager, reference)
    assert (lease["state"], lease["vehicles_out"]) == ("active", 1)
    vehicle = f"/api/v1/vehicles/{vin_of(numbers[0])}"
    assert manager.get(f"{vehicle}/stages").json()[-1]["stage"] == "in_stock"
    other = row(f"{reference}x", numbers[0], 起租日="2026-12-01", 到期日="2027-11-30", **PLANNED)
    assert problems(manager, other) == [[("vin", "vehicle_promised")]]


def test_a_vehicle_that_is_with_a_lessee_is_not_delivered_to_another(
    manager: TestClient, numbers: list[int], reference: str
) -> None:
    """Also after its term: nobody brought it back."""
    leased(manager, row(reference, numbers[0], 起租日="2025-03-18", 到期日="2026-03-17",
                        交车日="2025-03-18"))  # fmt: skip
    late = {"起租日": "2026-05-01", "到期日": "2027-04-30"}
    delivered = row(f"{reference}x", numbers[0], **late, 交车日="2026-05-01")
    assert problems(manager, delivered) == [[("vin", "vehicle_held")]]
    planned = row(f"{reference}y", numbers[0], **late, **PLANNED)
    assert problems(manager, planned) == [[]]


def test_two_leases_of_a_sheet_do_not_share_a_vehicle(
    manager: TestClient, numbers: list[int], reference: str
) -> None:
    twice = "vehicle_in_two_leases"
    first, other = row(reference, numbers[0]), row(f"{reference}x", numbers[0])
    assert problems(manager, first, other) == [[("vin", twice)]] * 2
    after = {"起租日": "2027-03-18", "到期日": "2028-03-17"}
    follows = row(f"{reference}x", numbers[0], **after, **PLANNED)
    assert problems(manager, first, follows) == [[], []]
    leased(manager, first, follows)
    assert lease_of(manager, f"{reference}x")["state"] == "signed"


def test_rows_of_one_lease_agree_and_stand_or_fall_together(
    manager: TestClient, numbers: list[int], reference: str
) -> None:
    one, two, three = numbers
    told = problems(
        manager,
        row(reference, one),
        row(reference, two, 到期日="2028-03-17", 租赁类型=None),
        row(reference, three),
    )
    assert told == [
        [("reference", "row_of_group_bad")],
        [("ends_on", "rows_disagree")],
        [("reference", "row_of_group_bad")],
    ]
    found = looked_at(manager, row(reference, one), row(reference, two, 月租金="三千"))
    assert counts(found) == (0, 0, 0, 2)
    assert applied(manager, found, "good_rows")["state"] == "applied"
    assert manager.get(LEASES, params={"q": reference}).json()["items"] == []


def test_a_lease_that_is_there_is_compared_and_never_changed(
    manager: TestClient, numbers: list[int], reference: str
) -> None:
    leased(manager, row(reference, numbers[0]))
    [told] = problems(manager, row(reference, numbers[0], 月租金=2_900, 备注="新"))
    assert sorted(told) == [
        ("remarks", "lease_not_changed_by_sheet"),
        ("rent_fen", "lease_not_changed_by_sheet"),
    ]
    assert problems(manager, row(reference, numbers[1])) == [[("reference", "lease_exists")]]
    blank = dict.fromkeys(HEADINGS[3:])
    assert counts(looked_at(manager, row(reference, numbers[0], **blank))) == (0, 0, 1, 0)
    by_its_number = lease_of(manager, reference)["lease_no"]
    assert counts(looked_at(manager, row(by_its_number, numbers[0]))) == (0, 0, 1, 0)


ODD: Final[dict[str, tuple[Told, list[tuple[str | None, str]]]]] = {
    "an unknown VIN": (
        {"车架号": "LE4TG4DB1JL199517"},
        [("vin", "vehicle_not_in_sight")],
    ),
    "nobody's lease": ({"客户": None}, [("customer", "required")]),
    "an unknown customer": ({"客户": "KH-X"}, [("customer", "customer_unknown")]),
    "a customer of another organisation": (
        {"客户": "KH-NORTH"},
        [("vin", "vehicle_of_another_organisation")],
    ),
    "by the ID number": ({"客户": CARD}, []),
    "an end that no months make": (
        {"租期": 24},
        [("months", "months_unlike_end")],
    ),
    "an end on the corresponding day": ({"到期日": "2027-03-18", "租期": 12}, []),
    "months alone": ({"到期日": None, "租期": "12个月"}, []),
    "without an end": ({"到期日": None, "租期": "不定期"}, []),
    "no word of its end": ({"到期日": None}, [("ends_on", "end_missing")]),
    "ends before it begins": (
        {"到期日": "2026-03-01"},
        [("ends_on", "ends_before_it_begins"), (None, "lease_unfit")],
    ),
    "a day and a month": ({"起租日": "1/5/2026"}, [("starts_on", "date_ambiguous")]),
    "days as Chinese write them": ({"起租日": "2026年3月18日", "交车日": "20260318"}, []),
    "no money": ({"月租金": "面议"}, [("rent_fen", "not_money")]),
    "by the day for long": (
        {"计租单位": "日"},
        [("per", "rent_by_the_day"), (None, "lease_unfit")],
    ),
    "a rate that may mean two": ({"滞纳金": "0.05"}, [("late_fee_pct", "percent_ambiguous")]),
    "grace without a fee": ({"滞纳金": None}, [("late_fee_pct", "incomplete")]),
    "bought out of a long lease": ({"买断价": 1}, [("buy_out_fen", "buy_out_unfit")]),
    "to own without a price": (
        {"租赁类型": "以租代购"},
        [("buy_out_fen", "buy_out_missing")],
    ),
    "to own": ({"租赁类型": "以租代购", "首付": "1.38万", "买断价": 0}, []),
    "delivered tomorrow": ({"交车日": "2199-01-01"}, [("delivered_on", "day_ahead")]),
    "an odometer of no delivery": ({"交车日": None}, [("delivered_on", "incomplete")]),
    "longer than the law allows": (
        {"到期日": "2056-03-17"},
        [(None, "lease_unfit")],
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_row_says_what_is_wrong(
    manager: TestClient, numbers: list[int], reference: str, odd: str
) -> None:
    given, told = ODD[odd]
    assert problems(manager, row(reference, numbers[0], **given)) == [told]


def test_days_as_numbers_of_excel_are_days(
    tmp_path: Path, manager: TestClient, numbers: list[int], reference: str
) -> None:
    path = tmp_path / "a.xlsx"
    told = row(reference, numbers[0], 起租日=46_099, 到期日=46_463, 交车日=46_099)
    with Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["" if each is None else each for each in told])
    found = checked(manager, "leases", path.read_bytes(), name="a.xlsx")
    [first] = rows_of(manager, found)
    assert (first["problems"], first["changes"]["starts_on"]) == ([], [None, "2026-03-18"])
    assert applied(manager, found)["state"] == "applied"
    assert lease_of(manager, reference)["ends_on"] == "2027-03-17"


def test_nobody_on_the_blacklist_is_brought_in(
    api: Served, manager: TestClient, numbers: list[int], reference: str
) -> None:
    people = [
        ("原编号", "客户类型", "客户名称", "所属组织"),
        (reference, "个人", "王芳", "alpha-south"),
    ]
    bring_in(manager, "customers", people)
    [card] = manager.get("/api/v1/customers", params={"q": reference}).json()["items"]
    path = f"/api/v1/customers/{card['customer_no']}/blacklist"
    proposed = manager.post(path, json={"reason": "欠租"}, headers={"Idempotency-Key": reference})
    assert proposed.status_code == 201, proposed.text
    owner = api.person("alpha.owner", step_up=True)
    assert owner.post(f"{path}/decide", json={"approve": True}).status_code == 200
    assert problems(manager, row("HT", numbers[0], 客户=reference)) == [
        [("customer", "customer_blacklisted")]
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_there_brought_in_again_changes_nothing(
    manager: TestClient, numbers: list[int], reference: str, form: str
) -> None:
    to_own = {"租赁类型": "以租代购", "首付": 13_800, "买断价": 100, "到期日": "2029-03-17"}
    open_ended = {"到期日": None, "租期": "不定期", "账期": "自然月"}
    leased(
        manager,
        row(reference, numbers[0], **to_own),
        row(f"{reference}x", numbers[1], **open_ended, **PLANNED, 滞纳金=None, 宽限期=None),
        row(f"{reference}y", numbers[2], 到期日="2026-04-30", 备注="补充协议"),
    )
    sheet = manager.get("/api/v1/import-kinds/leases/current", params={"form": form})
    assert sheet.status_code == 200, sheet.text
    found = checked(manager, "leases", sheet.content, name=f"a.{form}")
    others = [
        (each["key"], each["changes"], each["problems"])
        for each in rows_of(manager, found)
        if each["outcome"] != "same"
    ]
    assert (found["problem"], others) == (None, [])
    assert found["rows_same"] >= 3


def test_who_may_not_sign_leases_does_not_by_a_sheet(
    api: Served, numbers: list[int], reference: str
) -> None:
    ops = api.person("alpha.ops")
    assert problems(ops, row(reference, numbers[0])) == [[(None, "permission_missing")]]


def test_what_a_sheet_brought_in_is_what_follows_from_its_events(
    api: Served, manager: TestClient, numbers: list[int], reference: str
) -> None:
    leased(manager, row(reference, numbers[0]), row(reference, numbers[1], **PLANNED))
    lease_no = lease_of(manager, reference)["lease_no"]
    events = api.as_owner(
        "SELECT e.kind FROM lease_events e JOIN leases l ON l.id = e.lease_id"
        " WHERE l.lease_no = %s ORDER BY e.no",
        lease_no,
    )
    assert events == [("signed",), ("handed_out",)]
    trail = api.as_owner(
        "SELECT action, after ->> 'by' FROM audit_entries WHERE object_key = %s",
        lease_no,
    )
    assert sorted(trail) == [("lease.bring_in", "sheet"), ("lease.draft", None)]
