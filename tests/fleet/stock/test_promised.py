"""What is promised to a lease is not free today, and what shall be says from when on."""

from datetime import date, timedelta
from typing import Any, Final

import pytest

from fleet.assets.errors import VehicleOnLease
from fleet.assets.service import blocked_moves, change_stage
from fleet.local_days import begin_of
from fleet.stock.selection import StockFilter, Want
from fleet.stock.service import StockPage, list_stock

from ..calendar.conftest import ASKED_AT, Papers, day
from ..let import Leases
from ..seen import VINS, Fleet

IN_STOCK: Final = StockFilter(("in_stock",))


@pytest.fixture
def leases(fleet: Fleet, papers: Papers) -> Leases:
    """Every vehicle stands in stock with its papers."""
    for vehicle in VINS:
        papers.stage(vehicle, "in_stock")
        papers.owe(vehicle, "inspection", day(180))
        papers.owe(vehicle, "compulsory", day(200))
    return Leases(fleet)


def asked(fleet: Fleet, code: str, **given: Any) -> StockPage:
    wanted = StockFilter(("in_stock",), **given)
    with fleet.as_member(code) as conn:
        return list_stock(conn, fleet.actor(code), wanted, now=ASKED_AT)


def told(page: StockPage) -> dict[str, date | None]:
    by_vin = {vin: letter for letter, vin in VINS.items()}
    return {by_vin[each.picked.vin]: each.free_until_on for each in page.vehicles}


SPANS: Final = {
    "today": (0, 30, False, day(0)),
    "since last week, to be handed out still": (-7, None, False, day(-7)),
    "from tomorrow on": (1, None, True, day(1)),
    "until the end of yesterday": (-30, 0, True, None),
}


@pytest.mark.parametrize(("from_", "until", "free", "said"), SPANS.values(), ids=SPANS.keys())
def test_what_is_promised(
    *,
    fleet: Fleet,
    leases: Leases,
    from_: int,
    until: int | None,
    free: bool,
    said: date | None,
) -> None:
    ends = None if until is None else begin_of(day(until))
    leases.promise(leases.of("west", state="signed"), "A", begin_of(day(from_)), ends)
    sellable, others = asked(fleet, "west", sellable=True), asked(fleet, "west", sellable=False)
    assert told(sellable if free else others)["A"] == said
    assert set(told(others if free else sellable)) == (set() if free else {"B", "W"})
    if not free:
        assert others.vehicles[0].wants == (Want("lease", "due"),)


def test_of_a_lease_out_of_sight_only_that_it_is_there_is_known(
    fleet: Fleet, leases: Leases
) -> None:
    """West owns W, which east operates and has let."""
    lease = leases.of("east")
    leases.had(lease, "W", ASKED_AT - timedelta(days=3), None)
    west = fleet.actor("west")
    with fleet.as_member("west") as conn:
        for stage in ("for_sale", "in_stock"):
            assert blocked_moves(conn, {VINS["W"]: stage}, now=ASKED_AT) == {VINS["W"]}
        assert blocked_moves(conn, {VINS["W"]: "in_service"}, now=ASKED_AT) == set()
        with pytest.raises(VehicleOnLease) as raised:
            change_stage(conn, west, vin=VINS["W"], stage="for_sale", now=ASKED_AT)
    assert raised.value.facts == {"vin": VINS["W"], "lease_no": None}


def test_what_no_lease_has_is_moved_freely(fleet: Fleet, leases: Leases) -> None:
    wanted: dict[str, Any] = dict.fromkeys(VINS.values(), "for_sale")
    with fleet.as_member("head") as conn:
        assert blocked_moves(conn, wanted, now=ASKED_AT) == set()
