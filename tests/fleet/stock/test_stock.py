"""What can be let today, and what stands idle: by papers, work, stage and filters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from fleet.stock.selection import StockFilter, Want
from fleet.stock.service import Place, StockPage, list_stock
from schemas.access import PERMISSIONS, PermissionMissing

from ..calendar.conftest import ASKED_AT, Papers, day
from ..seen import VINS, Fleet

IN_STOCK: Final = StockFilter(("in_stock",))
SELLABLE: Final = replace(IN_STOCK, sellable=True)
IDLE: Final = StockFilter(("in_stock", "for_sale"))
Asked = Callable[..., StockPage]


@pytest.fixture
def asked(fleet: Fleet) -> Asked:
    """What a member of an organisation is told."""

    def ask(code: str, wanted: StockFilter, **rest: Any) -> StockPage:
        actor = rest.pop("actor", None) or fleet.actor(code)
        with fleet.as_member(code) as conn:
            return list_stock(conn, actor, wanted, **{"now": ASKED_AT} | rest)

    return ask


def letters(page: StockPage) -> str:
    by_vin = {vin: letter for letter, vin in VINS.items()}
    return "".join(by_vin[vehicle.picked.vin] for vehicle in page.vehicles)


@pytest.fixture
def sound(papers: Papers) -> Papers:
    """Every vehicle stands in stock with an inspection and insurance for half a year."""
    for vehicle in VINS:
        papers.stage(vehicle, "in_stock")
        papers.owe(vehicle, "inspection", day(180))
        papers.owe(vehicle, "compulsory", day(200), due_at=ASKED_AT + timedelta(days=200))
    return papers


def test_what_may_be_let_stands_in_stock_with_all_its_papers(sound: Papers, asked: Asked) -> None:
    sound.stage("C", "let")
    assert {code: letters(asked(code, SELLABLE)) for code in ("head", "east", "west", "other")} == {
        "head": "BWA",
        "east": "W",
        "west": "BWA",
        "other": "X",
    }


STANDS: Final[dict[str, tuple[dict[str, Any], Want | None]]] = {
    "inspection overdue": (
        {"kind": "inspection", "due_on": day(-1)},
        Want("inspection", "overdue"),
    ),
    "inspection on its last day": ({"kind": "inspection", "due_on": day(0)}, None),
    "inspection unknown": ({"kind": "inspection", "due_on": None}, Want("inspection", "missing")),
    "insurance that ended this morning": (
        {"kind": "compulsory", "due_on": day(0), "due_at": ASKED_AT},
        Want("compulsory", "overdue"),
    ),
    "insurance that ends this noon": (
        {"kind": "compulsory", "due_on": day(0), "due_at": ASKED_AT + timedelta(hours=2)},
        None,
    ),
    "a permit it needs": (
        {"kind": "permit", "due_on": None, "facts": {"need": "required"}},
        Want("permit", "missing"),
    ),
    "a permit it may not need": (
        {"kind": "permit", "due_on": day(-9), "facts": {"need": "unknown"}},
        None,
    ),
    "service life": ({"kind": "service_life", "due_on": day(-1)}, Want("service_life", "overdue")),
    "scrap": ({"kind": "scrap_risk", "due_on": day(-1)}, Want("scrap_risk", "overdue")),
    "commercial insurance": ({"kind": "commercial", "due_on": None}, None),
    "maintenance": ({"kind": "maintenance", "due_on": day(-9)}, None),
}


@pytest.mark.parametrize("case", STANDS.values(), ids=STANDS)
def test_what_stands_against_letting_it(
    fleet: Fleet, sound: Papers, asked: Asked, case: tuple[dict[str, Any], Want | None]
) -> None:
    owed, want = case
    fleet.conn.execute(
        "DELETE FROM obligations WHERE vehicle_id = %s AND kind = %s",
        [fleet.vehicle_ids["B"], owed["kind"]],
    )
    sound.owe("B", **owed)
    assert ("B" in letters(asked("head", SELLABLE))) == (want is None)
    assert ("B" in letters(asked("head", replace(IDLE, sellable=False)))) == (want is not None)
    [told] = asked("head", replace(IDLE, search=VINS["B"])).vehicles
    assert told.wants == (() if want is None else (want,))


def test_what_is_not_on_record_at_all_is_missing(
    fleet: Fleet, papers: Papers, asked: Asked
) -> None:
    papers.stage("B", "in_stock")
    [told] = asked("head", IDLE).vehicles
    assert told.wants == (Want("inspection", "missing"), Want("compulsory", "missing"))
    assert asked("head", SELLABLE).vehicles == []


def test_an_inspection_counts_only_where_the_figures_of_law_say_so(
    fleet: Fleet, papers: Papers, asked: Asked
) -> None:
    papers.stage("B", "in_stock")
    papers.owe("B", "compulsory", day(9))
    papers.owe("B", "inspection", day(-9))
    assert letters(asked("head", SELLABLE)) == ""
    fleet.conn.execute(
        "INSERT INTO parameters (tenant_id, organisation_id, name, valid_from_on, content, source,"
        " recorded_by, recorded_at) SELECT id, id, 'inspection.overdue', '2026-01-01',"
        " (SELECT content || '{\"blocks_hand_over\": false}' FROM parameters"
        "  WHERE name = 'inspection.overdue'), 'x', 'x', now() FROM organisations"
        " WHERE code = 'head'"
    )
    assert letters(asked("head", SELLABLE)) == "B"


def test_work_that_keeps_it_off_the_road_counts_until_it_is_over(
    sound: Papers, asked: Asked
) -> None:
    sound.order("B", "W2026-WEST01", "west", None, down_from_at=ASKED_AT)
    sound.order("A", "W2026-WEST02", "west", None)
    over = {"down_from_at": ASKED_AT, "down_until_at": ASKED_AT}
    sound.order("A", "W2026-WEST03", "west", None, **over)
    assert "B" not in letters(asked("west", SELLABLE))
    assert "A" in letters(asked("west", SELLABLE))
    [told] = asked("west", replace(IDLE, search=VINS["B"])).vehicles
    assert told.wants == (Want("work_order", "due"),)


def test_papers_through_the_end_of_a_lease(sound: Papers, asked: Asked) -> None:
    sound.owe("B", "service_life", day(100))
    assert letters(asked("west", replace(SELLABLE, papers_through_on=day(100)))) == "BWA"
    assert letters(asked("west", replace(SELLABLE, papers_through_on=day(101)))) == "WA"
    assert letters(asked("west", replace(SELLABLE, papers_through_on=day(181)))) == ""
    told = {v.picked.vin: v.facts.papers_until_on for v in asked("west", SELLABLE).vehicles}
    assert told[VINS["B"]] == day(100)


def test_filters(fleet: Fleet, sound: Papers, asked: Asked) -> None:
    fleet.state("A", ASKED_AT - timedelta(minutes=1), soc_pct=80)
    fleet.state("B", ASKED_AT - timedelta(minutes=1), soc_pct=40)
    head = fleet.organisation_ids["head"]
    fleet.conn.execute(
        "INSERT INTO vehicle_models (tenant_id, organisation_id, code, name, maker, body_type)"
        " VALUES (%s, %s, 'ec35', 'EC35', '瑞驰', '微型厢式货车')",
        [head, head],
    )
    fleet.conn.execute(
        "UPDATE vehicles SET model_id = (SELECT id FROM vehicle_models), depot_id = %s,"
        " tags = '{冷链}' WHERE id = %s",
        [fleet.organisation_ids["west"], fleet.vehicle_ids["B"]],
    )
    asks: dict[str, tuple[Any, str]] = {
        "soc_min_pct": (40.0, "BA"),
        "model_code": ("ec35", "B"),
        "depot_code": ("west", "B"),
        "organisation_code": ("east", "CW"),
        "search": ("model w", "W"),
    }
    for name, (value, found) in asks.items():
        assert letters(asked("head", replace(SELLABLE, **{name: value}))) == found, name
    assert letters(asked("head", replace(SELLABLE, soc_min_pct=40.1))) == "A"
    [told] = asked("head", replace(SELLABLE, model_code="ec35")).vehicles
    assert (told.facts.model_code, told.facts.depot_code, told.facts.tags) == (
        "ec35",
        "west",
        ["冷链"],
    )
    assert (told.state.soc_pct, told.state.operator_code) == (40.0, "west")


def test_what_stands_longest_comes_first_with_its_days(
    fleet: Fleet, sound: Papers, asked: Asked
) -> None:
    for letter, days in (("A", 3), ("B", 8), ("C", 0), ("W", 3)):
        fleet.conn.execute(
            "UPDATE vehicle_stages SET staged_period = tstzrange(%s, NULL) WHERE vehicle_id = %s",
            [ASKED_AT - timedelta(days=days), fleet.vehicle_ids[letter]],
        )
    sound.stage("W", "for_sale")
    page = asked("head", IDLE, order="since")
    assert letters(page) == "BWAC"
    assert [vehicle.days for vehicle in page.vehicles] == [8, 3, 3, 0]
    assert [vehicle.picked.stage for vehicle in page.vehicles][1] == "for_sale"
    assert letters(asked("head", replace(IDLE, stages=("for_sale",)))) == "W"


@pytest.mark.parametrize("order", ["vin", "since"])
def test_pages_lead_through_a_list(sound: Papers, asked: Asked, order: str) -> None:
    whole = asked("head", IDLE, order=order)
    read, after = "", None
    while True:
        page = asked("head", IDLE, order=order, limit=1, after=after)
        read += letters(page)
        after = page.next
        if after is None:
            break
    assert read == letters(whole)
    assert (len(read), whole.next) == (4, None)
    assert asked("head", IDLE, after=Place(ASKED_AT, "Z" * 17)).vehicles == []


def test_positions_are_masked_as_elsewhere(fleet: Fleet, sound: Papers, asked: Asked) -> None:
    fleet.state("B", ASKED_AT - timedelta(minutes=1), lat=22.54321, lon=114.05789)
    rough = asked("west", SELLABLE, actor=fleet.member("west", "finance"))
    exact = asked("west", SELLABLE, actor=fleet.member("west", "sales"))
    assert (rough.vehicles[0].state.lat, rough.location_masked) == (22.54, True)
    assert (exact.vehicles[0].state.lat, exact.location_masked) == (22.54321, False)


def test_it_takes_both_verbs(fleet: Fleet, asked: Asked) -> None:
    for verb in ("vehicle.read", "paper.read"):
        lacking = fleet.actor("west", sorted(frozenset(PERMISSIONS) - {verb}))
        with pytest.raises(PermissionMissing):
            asked("west", SELLABLE, actor=lacking)


def test_days_begin_at_midnight_there(fleet: Fleet, sound: Papers, asked: Asked) -> None:
    """In stock since 23:59 of the day before, Shanghai time: one day."""
    fleet.conn.execute(
        "UPDATE vehicle_stages SET staged_period = tstzrange('2026-03-01 15:59+00', NULL)"
    )
    assert {vehicle.days for vehicle in asked("head", IDLE).vehicles} == {1}
