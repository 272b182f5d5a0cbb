"""Rows of a sheet of vehicles: what is wrong with them, and what they change; and transfers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.lives.service import get_purchase, list_odometer
from fleet.models.service import ModelFacts, create_model
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry import errors
from fleet.registry.service import (
    Transfer,
    TransferCheck,
    TransferRecord,
    assign_operator,
    check_vehicles,
    get_vehicle,
    known_plates,
    known_vehicles,
    list_operator_periods,
    list_stages,
    list_transfers,
    save_vehicles,
)
from kit.db import act_for
from schemas.access import SYSTEM, Actor, PermissionMissing

from .conftest import NOW, VIN_A, VIN_B, at, operators, person, refused

Conn = Connection[Any]
VIN_C: Final = "LE4TG4DB1JL199517"
LATER: Final = NOW + timedelta(days=1)
NEW: Final = {
    "vin": VIN_C,
    "plate": "粤BD54321",
    "model_code": "ec35",
    "owner": "head",
    "operator": "east",
    "depot": "yard",
    "stage": "let",
    "tags": ["冷链"],
    "purchased_on": date(2025, 3, 15),
    "price_fen": 9_980_000,
    "depreciation_method": "straight_line",
    "useful_life_months": 60,
    "residual_pct": Decimal(5),
    "odometer_km": Decimal("1234.5"),
}
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""


@pytest.fixture
def books(fleet: Conn) -> Conn:
    """The fleet, with a yard below east, another tenant, and a model."""
    create_organisation(fleet, SYSTEM, code="yard", name="车场", parent_code="east", now=NOW)
    create_organisation(fleet, SYSTEM, code="other", name="别家", now=NOW)
    facts = ModelFacts("瑞驰 EC35", "重庆瑞驰", "微型封闭货车")
    create_model(fleet, SYSTEM, code="ec35", facts=facts, head_code="head", now=NOW)
    return fleet


def problems(conn: Conn, row: dict[str, Any]) -> list[tuple[str, str | None]]:
    [found] = check_vehicles(conn, [row], known_vehicles(conn, [row["vin"]]))
    assert all(problem.en and problem.zh for problem in found)
    return [(problem.code, problem.field) for problem in found]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param(NEW, [], id="a whole new vehicle"),
        pytest.param({"vin": VIN_C, "owner": "head"}, [], id="the least of a new vehicle"),
        pytest.param({"vin": VIN_A}, [], id="a known vehicle, nothing said"),
        pytest.param({"vin": VIN_C}, [("owner_missing", "owner")], id="new, no owner"),
        pytest.param(
            NEW | {"plate": "粤BD12345"}, [("plate_taken", "plate")], id="another's plate"
        ),
        pytest.param({"vin": VIN_A, "plate": "粤BD12345"}, [], id="its own plate"),
        pytest.param(
            NEW | {"model_code": "x"}, [("model_not_found", "model_code")], id="no such model"
        ),
        pytest.param(
            NEW | {"owner": "nobody"},
            [("organisation_not_found", "owner")],
            id="no such owner",
        ),
        pytest.param(
            NEW | {"depot": "west"}, [("depot_not_of_operator", "depot")], id="another's depot"
        ),
        pytest.param(
            {"vin": VIN_C, "owner": "head", "operator": "other"},
            [("operator_in_other_tenant", "operator")],
            id="operator of another tenant",
        ),
        pytest.param(
            {"vin": VIN_A, "owner": "east"}, [("owner_not_changed", "owner")], id="owner changes"
        ),
        pytest.param(
            {"vin": VIN_B, "operator": "west"},
            [("operator_not_changed", "operator")],
            id="operator changes",
        ),
        pytest.param(
            {"vin": VIN_A, "stage": "disposed"},
            [("stage_not_reachable", "stage")],
            id="stage out of reach",
        ),
        pytest.param({"vin": VIN_A, "stage": "let"}, [], id="the next stage"),
        pytest.param(
            {"vin": VIN_A, "price_fen": 1},
            [("purchase_incomplete", "purchased_on")],
            id="price without day",
        ),
        pytest.param(
            NEW | {"residual_pct": None},
            [("purchase_incomplete", "residual_pct")],
            id="written off to what",
        ),
        pytest.param(
            {"vin": VIN_A, "tags": [str(n) for n in range(21)]},
            [("tags_too_many", "tags")],
            id="21 tags",
        ),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(
    books: Conn, row: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    assign_operator(books, SYSTEM, vin=VIN_B, organisation_code="east", at=at(1), now=NOW)
    assert problems(books, row) == told


def test_a_vehicle_of_the_past_is_not_written_about(books: Conn) -> None:
    for code, hour in (("east", 1), ("west", 2)):
        assign_operator(books, SYSTEM, vin=VIN_A, organisation_code=code, at=at(hour), now=NOW)
    act_as(books, "east")
    assert problems(books, {"vin": VIN_A, "stage": "let"}) == [("vehicle_not_yours", "vin")]


def act_as(conn: Conn, code: str) -> Actor:
    conn.execute("RESET ROLE")
    actor = person(get_organisation(conn, SYSTEM, code=code))
    conn.execute("SET LOCAL ROLE guanche_app")
    assert actor.organisation_id is not None
    act_for(conn, [actor.organisation_id])
    return actor


def test_a_new_vehicle_of_a_sheet_is_there_whole(books: Conn) -> None:
    head = act_as(books, "head")
    saved = save_vehicles(books, head, [NEW], now=NOW)
    added = get_vehicle(books, head, vin=VIN_C)
    assert saved == (1, 0, {VIN_C: added.id})
    assert (added.plate, added.model, added.model_code) == ("粤BD54321", "瑞驰 EC35", "ec35")
    assert (added.owner_code, added.depot_code, added.tags) == ("head", "yard", ["冷链"])
    assert [p.organisation_code for p in list_operator_periods(books, head, vin=VIN_C)] == ["east"]
    assert [s.stage for s in list_stages(books, head, vin=VIN_C)] == ["let"]
    assert get_purchase(books, head, vin=VIN_C).residual_pct == 5
    assert [r.odometer_km for r in list_odometer(books, head, vin=VIN_C)] == [Decimal("1234.5")]


def test_what_is_known_is_what_was_written(books: Conn) -> None:
    save_vehicles(books, SYSTEM, [NEW], now=NOW)
    known = known_vehicles(books, [VIN_C, "LZX99RMP000000001"])
    assert known == {VIN_C: NEW | {"model": "瑞驰 EC35", "held": True}}
    assert known_plates(books, ["粤BD54321", "粤BD00000"]) == {"粤BD54321": VIN_C}


def test_a_sheet_given_again_changes_nothing(books: Conn) -> None:
    rows = [NEW, {"vin": VIN_A, "tags": ["南山"], "stage": "let", "odometer_km": Decimal(7)}]
    save_vehicles(books, SYSTEM, rows, now=LATER)
    before = books.execute("SELECT array_agg(v ORDER BY id) FROM vehicles v").fetchone()
    again = [dict(row) for row in known_vehicles(books, [VIN_A, VIN_B, VIN_C]).values()]
    saved = save_vehicles(books, SYSTEM, again, now=LATER + timedelta(days=1))
    assert (saved.new, saved.known) == (0, 3)
    assert books.execute("SELECT array_agg(v ORDER BY id) FROM vehicles v").fetchone() == before
    assert [s.stage for s in list_stages(books, SYSTEM, vin=VIN_A)] == ["in_stock", "let"]
    assert len(list_odometer(books, SYSTEM, vin=VIN_A)) == 1
    assert get_purchase(books, SYSTEM, vin=VIN_C).version == 1


def test_a_row_changes_what_it_says_and_nothing_else(books: Conn) -> None:
    save_vehicles(books, SYSTEM, [NEW], now=NOW)
    row: dict[str, Any] = {
        "vin": VIN_C,
        "plate": "粤BD54322",
        "model_code": None,
        "stage": "in_stock",
        "price_fen": 9_000_000,
        "odometer_km": Decimal("1300.0"),
        "tags": [],
    }
    save_vehicles(books, SYSTEM, [row], now=LATER)
    known = known_vehicles(books, [VIN_C])[VIN_C]
    told = {name: row[name] for name in row if row[name] is not None}
    assert known == NEW | {"model": "瑞驰 EC35", "held": True} | told
    assert get_vehicle(books, SYSTEM, vin=VIN_C).version == 2
    stages = [(s.stage, s.until_at) for s in list_stages(books, SYSTEM, vin=VIN_C)]
    assert stages == [("let", LATER), ("in_stock", None)]
    assert get_purchase(books, SYSTEM, vin=VIN_C).version == 2


def test_a_name_that_is_not_the_model_s_sets_the_vehicle_free(books: Conn) -> None:
    save_vehicles(books, SYSTEM, [NEW], now=NOW)
    save_vehicles(books, SYSTEM, [{"vin": VIN_C, "model": "瑞驰 EC35"}], now=NOW)
    assert get_vehicle(books, SYSTEM, vin=VIN_C).model_code == "ec35"
    save_vehicles(books, SYSTEM, [{"vin": VIN_C, "model": "自改装"}], now=NOW)
    freed = get_vehicle(books, SYSTEM, vin=VIN_C)
    assert (freed.model, freed.model_code) == ("自改装", None)


@pytest.mark.parametrize(
    ("row", "verb"),
    [
        pytest.param({"vin": VIN_C, "owner": "head"}, "vehicle.create", id="new"),
        pytest.param({"vin": VIN_A}, "vehicle.change", id="known"),
        pytest.param({"vin": VIN_A, "stage": "let"}, "vehicle.change_stage", id="stage"),
        pytest.param({"vin": VIN_A, "price_fen": 1}, "purchase.change", id="purchase"),
        pytest.param({"vin": VIN_A, "odometer_km": 1}, "odometer.record", id="odometer"),
    ],
)
def test_rows_ask_for_what_they_say(books: Conn, row: dict[str, Any], verb: str) -> None:
    actor = person(get_organisation(books, SYSTEM, code="head"))
    may = Actor(actor.kind, "lin", actor.organisation_id, "head", actor.permissions - {verb})
    with pytest.raises(PermissionMissing) as raised, books.transaction():
        save_vehicles(books, may, [row], now=NOW)
    assert raised.value.facts == {"permission": verb}


def test_rows_that_contradict_one_another_are_refused(books: Conn) -> None:
    other = {"vin": "LNBYGYFJ1SS000001", "owner": "head", "plate": NEW["plate"]}
    with refused(books, errors.PlateTaken):
        save_vehicles(books, SYSTEM, [NEW, other], now=NOW)
    with refused(books, errors.VehicleExists):
        save_vehicles(books, SYSTEM, [NEW, NEW | {"plate": None}], now=NOW)


# Transfers

RECORD: Final = TransferRecord(
    Decimal("18342.6"),
    Decimal("62.5"),
    (TransferCheck("三角牌", ok=True), TransferCheck("充电枪", ok=False, note="缺")),
    "右后门有划痕",
)


def test_a_transfer_is_written_down_with_what_was_agreed_on(books: Conn) -> None:
    assign_operator(books, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    assign_operator(
        books, SYSTEM, vin=VIN_A, organisation_code="west", at=at(9), record=RECORD, now=NOW
    )
    assert operators(books, VIN_A) == [("east", at(8), at(9)), ("west", at(9), None)]
    first, second = list_transfers(books, SYSTEM, vin=VIN_A)
    assert first == Transfer(None, "east", at(8), None, None, [], None)
    assert second == Transfer(
        "east",
        "west",
        at(9),
        Decimal("18342.6"),
        Decimal("62.5"),
        [
            {"item": "三角牌", "ok": True, "note": None},
            {"item": "充电枪", "ok": False, "note": "缺"},
        ],
        "右后门有划痕",
    )
    [reading] = list_odometer(books, SYSTEM, vin=VIN_A)
    assert (reading.odometer_km, reading.source) == (Decimal("18342.6"), "transfer")


def test_each_side_sees_the_transfers_it_had_a_part_in(books: Conn) -> None:
    for code, hour in (("east", 8), ("west", 9), ("yard", 10)):
        assign_operator(
            books,
            SYSTEM,
            vin=VIN_A,
            organisation_code=code,
            at=at(hour),
            record=RECORD if code == "west" else None,
            now=NOW,
        )
    seen = {
        code: [
            (t.from_code, t.to_code, t.remarks)
            for t in list_transfers(books, act_as(books, code), vin=VIN_A)
        ]
        for code in ("head", "east", "west", "yard")
    }
    whole = [(None, "east", None), ("east", "west", "右后门有划痕"), ("west", "yard", None)]
    assert seen["head"] == whole
    assert seen["west"] == [(None, "west", "右后门有划痕"), ("west", None, None)]
    assert seen["east"] == [
        (None, "east", None),
        ("east", None, "右后门有划痕"),
        (None, "yard", None),
    ]
    assert seen["yard"] == [(None, "yard", None)]
