"""Work orders as a sheet brings them: new ones, changed ones, the same ones again."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.costs.service import list_costs
from fleet.orgs.service import get_organisation
from fleet.registry.service import get_vehicle
from fleet.service.service import (
    add_line,
    get_work_order,
    known_work_orders,
    list_work_orders,
    save_work_orders,
)
from fleet.work_orders.errors import ReferenceTaken
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, VIN_A, VIN_B, person, refused
from tests.fleet.service.conftest import later, opened, shop

Conn = Connection[Any]
__all__ = ["shop"]
ROW: dict[str, Any] = {
    "reference": "WX-1",
    "vin": VIN_A,
    "kind": "repair",
    "state": "closed",
    "title": "更换制动片",
    "opened_on": date(2026, 2, 1),
    "finished_on": date(2026, 2, 3),
    "workshop": "南山新能源汽修",
    "odometer_km": Decimal("35120.5"),
    "cost_fen": 48_000,
    "down_from_at": datetime(2026, 2, 1, 1, tzinfo=UTC),
    "down_until_at": datetime(2026, 2, 3, 9, tzinfo=UTC),
}
BARE: dict[str, Any] = dict.fromkeys(ROW) | {
    "reference": "WX-2",
    "vin": VIN_B,
    "kind": "accident",
    "state": "open",
    "title": "追尾",
    "opened_on": date(2026, 2, 28),
}


def save(conn: Conn, *rows: dict[str, Any], hours: float = 1) -> None:
    save_work_orders(conn, SYSTEM, rows, now=later(hours))


def costs(conn: Conn, vin: str = VIN_A) -> list[tuple[Any, ...]]:
    vehicle = get_vehicle(conn, SYSTEM, vin=vin)
    span: Any = {"vehicle": vehicle, "from_on": date(2026, 1, 1), "until_on": date(2027, 1, 1)}
    return [
        (cost.kind, cost.amount_fen, cost.incurred_on, cost.organisation_code)
        for cost in list_costs(conn, SYSTEM, **span)
    ]


def test_what_was_saved_is_known_as_it_was(shop: Conn) -> None:
    save(shop, ROW, BARE)
    assert known_work_orders(shop, ["WX-1", "WX-2", "WX-3"]) == {"WX-1": ROW, "WX-2": BARE}
    orders = {order.reference: order for order in list_work_orders(shop, SYSTEM, {}, now=NOW)}
    assert (orders["WX-1"].organisation_code, orders["WX-2"].organisation_code) == ("east", "head")
    assert orders["WX-1"].number[:6] == "W2603-"
    assert (orders["WX-1"].total_fen, orders["WX-2"].total_fen) == (48_000, 0)
    assert costs(shop) == [("repair", 48_000, date(2026, 2, 3), "east")]
    assert costs(shop, VIN_B) == []


def test_the_same_again_changes_nothing(shop: Conn) -> None:
    save(shop, ROW, BARE)
    before = shop.execute("SELECT array_agg(w ORDER BY id)::text FROM work_orders w").fetchone()
    save(shop, ROW, BARE, hours=2)
    after = shop.execute("SELECT array_agg(w ORDER BY id)::text FROM work_orders w").fetchone()
    assert before == after
    counts = shop.execute(
        "SELECT (SELECT count(*) FROM work_order_lines), (SELECT count(*) FROM work_order_events)"
    ).fetchone()
    assert counts == (1, 2)


def test_what_changed_is_changed_and_told_as_an_event(shop: Conn) -> None:
    save(shop, ROW, BARE)
    done = BARE | {
        "state": "closed",
        "title": "追尾，更换后保险杠",
        "finished_on": date(2026, 3, 1),
        "cost_fen": 99_900,
    }
    save(shop, ROW | {"cost_fen": 50_000}, done, hours=2)
    assert known_work_orders(shop, ["WX-1", "WX-2"]) == {
        "WX-1": ROW | {"cost_fen": 50_000},
        "WX-2": done,
    }
    assert costs(shop) == [("repair", 50_000, date(2026, 2, 3), "east")]
    assert costs(shop, VIN_B) == [("accident", 99_900, date(2026, 3, 1), "head")]
    [order] = list_work_orders(shop, SYSTEM, {"vin": VIN_B}, now=NOW)
    told = get_work_order(shop, SYSTEM, number=order.number, now=later(3))
    assert [(event.from_state, event.to_state) for event in told.events] == [
        (None, "open"),
        ("open", "closed"),
    ]
    assert order.version == 2


def test_another_sum_takes_the_place_of_the_lines(shop: Conn) -> None:
    number = opened(shop, reference="WX-1").order.number
    add_line(
        shop,
        SYSTEM,
        number=number,
        kind="part",
        title="制动片",
        quantity=Decimal(2),
        unit="片",
        unit_price_fen=20_000,
        now=later(1),
    )
    row = known_work_orders(shop, ["WX-1"])["WX-1"]
    assert row["cost_fen"] == 40_000
    save(shop, row, hours=2)
    told = get_work_order(shop, SYSTEM, number=number, now=later(3))
    assert [line.struck_at for line in told.lines] == [None]
    save(shop, row | {"cost_fen": 41_000}, hours=4)
    told = get_work_order(shop, SYSTEM, number=number, now=later(5))
    assert [(line.amount_fen, line.struck_at) for line in told.lines] == [
        (40_000, later(4)),
        (41_000, None),
    ]
    assert told.order.opened_at == later(1)


def test_nothing_spent_is_something_said(shop: Conn) -> None:
    save(shop, ROW | {"cost_fen": 0})
    assert known_work_orders(shop, ["WX-1"])["WX-1"]["cost_fen"] == 0
    assert costs(shop) == [("repair", 0, date(2026, 2, 3), "east")]


def test_a_reference_stays_with_its_vehicle(shop: Conn) -> None:
    save(shop, BARE)
    other = BARE | {"reference": "WX-2"}
    with refused(shop, ReferenceTaken):
        shop.execute("UPDATE work_orders SET reference = 'WX-9' WHERE reference = 'WX-2'")
        opened(shop, vin=VIN_B, reference="WX-9")
    assert known_work_orders(shop, ["WX-2"]) == {"WX-2": other}


@pytest.mark.parametrize("count", [0, 300])
def test_many_at_once_each_have_a_number(shop: Conn, count: int) -> None:
    save(shop, *(BARE | {"reference": f"R{number}"} for number in range(count)))
    numbers = shop.execute("SELECT count(DISTINCT number), count(*) FROM work_orders").fetchone()
    assert numbers == (count, count)


def test_an_operator_saves_its_own_and_no_other_knows_them(shop: Conn, app_conn: Conn) -> None:
    east, west = (get_organisation(shop, SYSTEM, code=code) for code in ("east", "west"))
    shop.commit()
    act_for(app_conn, [east.id])
    save_work_orders(app_conn, person(east), [ROW], now=later(1))
    changed = ROW | {"cost_fen": 1, "title": "甲", "state": "done"}
    save_work_orders(app_conn, person(east), [changed], now=later(2))
    assert known_work_orders(app_conn, ["WX-1"]) == {"WX-1": changed}
    app_conn.commit()
    act_for(app_conn, [west.id])
    assert known_work_orders(app_conn, ["WX-1"]) == {}
    assert list_work_orders(app_conn, person(west), {}, now=NOW) == []
