"""A vehicle that a lease has, or is promised, is not moved on by hand, and its page tells whose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.assets.errors import VehicleOnLease
from fleet.assets.service import assign_operator, change_stage, vehicle_page
from fleet.bulk.service import SOURCES, Asked
from fleet.local_days import begin_of
from fleet.orgs.service import get_organisation
from fleet.registry import service as registry
from fleet.service import service as work
from schemas.access import SYSTEM

from ..conftest import VIN_A as VIN
from ..conftest import person
from ..leasing.conftest import SIGNED, back, day, line, office, out, signed, terms

__all__ = ["office"]
NOW: Final = day(40)


@pytest.fixture
def promised(office: Connection[Any]) -> Connection[Any]:
    """A is promised to a lease from START on, and in stock."""
    signed(office, terms(line(vin=VIN)))
    return office


@pytest.fixture
def let(office: Connection[Any]) -> Connection[Any]:
    """A is out on a lease, and let."""
    lease_no = signed(office).lease.lease_no
    out(office, lease_no)
    move(office, "let", at=day(0, 15))
    return office


def move(conn: Connection[Any], stage: registry.StageName, at: datetime) -> None:
    """As a hand-over does it."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=VIN)
    registry.change_stage(conn, SYSTEM, vehicle=vehicle, stage=stage, reason="交接", at=at, now=at)


def stage_of(conn: Connection[Any]) -> str:
    found = registry.find_stage(conn, vehicle=registry.get_vehicle(conn, SYSTEM, vin=VIN))
    assert found is not None
    return found.stage


def by_hand(stage: Any) -> Callable[[Connection[Any]], Any]:
    """Somebody moves it on, whatever its papers say."""

    def act(conn: Connection[Any]) -> Any:
        owner = person(get_organisation(conn, SYSTEM, code="head"))
        return change_stage(
            conn, owner, vin=VIN, stage=stage, reason="手动", override=stage == "let", now=NOW
        )

    return act


def refused_with(conn: Connection[Any], act: Callable[[Connection[Any]], Any]) -> dict[str, Any]:
    with pytest.raises(VehicleOnLease) as raised, conn.transaction():
        act(conn)
    return raised.value.facts


def test_what_is_let_by_a_lease_comes_back_by_a_return_only(let: Connection[Any]) -> None:
    holding = registry.get_vehicle(let, SYSTEM, vin=VIN)
    assert holding.held
    facts = refused_with(let, by_hand("in_stock"))
    assert facts["vin"] == VIN
    assert facts["lease_no"].startswith("L2603-")
    assert stage_of(let) == "let"


def test_to_the_workshop_and_back_to_its_lessee(let: Connection[Any]) -> None:
    by_hand("in_service")(let)
    for elsewhere in ("in_stock", "for_sale", "disposed"):
        refused_with(let, by_hand(elsewhere))
    later = NOW + timedelta(hours=1)
    owner = person(get_organisation(let, SYSTEM, code="head"))
    change_stage(let, owner, vin=VIN, stage="let", reason="修好", override=True, now=later)
    assert stage_of(let) == "let"


def test_work_that_is_done_gives_it_back_to_its_lessee(let: Connection[Any]) -> None:
    wanted = work.NewWorkOrder(vin=VIN, kind="repair", title="制动", takes_off_road=True)
    number = work.open_work_order(let, SYSTEM, wanted=wanted, now=NOW).order.number
    assert stage_of(let) == "in_service"
    for hours, state in ((1, "in_progress"), (2, "done")):
        now = NOW + timedelta(hours=hours)
        work.move_work_order(let, SYSTEM, number=number, state=state, now=now)  # type: ignore[arg-type]
    assert stage_of(let) == "let"


def test_what_came_back_is_moved_on_by_hand_again(let: Connection[Any]) -> None:
    lease_no = let.execute("SELECT lease_no FROM leases").fetchall()[0][0]
    back(let, lease_no, at=day(30))
    by_hand("in_stock")(let)
    assert stage_of(let) == "in_stock"


@pytest.mark.parametrize("stage", ["let", "for_sale"])
def test_what_is_promised_is_neither_let_by_hand_nor_sold(
    promised: Connection[Any], stage: str
) -> None:
    assert refused_with(promised, by_hand(stage)) == {"vin": VIN, "lease_no": None}
    by_hand("in_service")(promised)
    assert stage_of(promised) == "in_service"


def test_a_fleet_whose_leases_are_kept_elsewhere_is_let_by_hand(office: Connection[Any]) -> None:
    by_hand("let")(office)
    assert stage_of(office) == "let"
    later = NOW + timedelta(hours=1)
    owner = person(get_organisation(office, SYSTEM, code="head"))
    change_stage(office, owner, vin=VIN, stage="in_stock", now=later)
    assert stage_of(office) == "in_stock"


def to_west(conn: Connection[Any]) -> Any:
    return assign_operator(conn, SYSTEM, vin=VIN, organisation_code="west", at=NOW, now=NOW)


def test_a_vehicle_that_is_let_is_not_handed_to_another_operator(let: Connection[Any]) -> None:
    assert refused_with(let, to_west)["vin"] == VIN


def test_nor_is_one_that_is_promised(promised: Connection[Any]) -> None:
    assert refused_with(promised, to_west) == {"vin": VIN, "lease_no": None}


def test_once_it_came_back_it_is(let: Connection[Any]) -> None:
    lease_no = let.execute("SELECT lease_no FROM leases").fetchall()[0][0]
    back(let, lease_no, at=day(30))
    assert to_west(let).organisation_code == "west"


def test_the_page_tells_the_lease_to_who_may_read_leases(let: Connection[Any]) -> None:
    owner = person(get_organisation(let, SYSTEM, code="head"))
    lease = vehicle_page(let, owner, vin=VIN, now=NOW).lease
    assert lease is not None
    assert (lease.customer_name, lease.line_no, lease.from_at) == ("顺达物流", 1, day(0, 15))
    assert (lease.days_over, lease.until_at) == (0, None)
    assert lease.ends_on is not None
    after = begin_of(lease.ends_on + timedelta(days=4))
    late = vehicle_page(let, owner, vin=VIN, now=after).lease
    assert late is not None
    assert late.days_over == 4
    lacking = replace(owner, permissions=owner.permissions - {"lease.read"})
    assert vehicle_page(let, lacking, vin=VIN, now=NOW).lease is None


def test_of_what_stands_in_stock_there_is_none(promised: Connection[Any]) -> None:
    owner = person(get_organisation(promised, SYSTEM, code="head"))
    assert vehicle_page(promised, owner, vin=VIN, now=SIGNED).lease is None


def problems_of(conn: Connection[Any], stage: str) -> list[tuple[str, str | None]]:
    """What stands against a row of a sheet that says the vehicle is at that stage."""
    asked = Asked(conn, SYSTEM, NOW)
    source = SOURCES["vehicles"]
    known = source.known(asked, [VIN])
    row = {"vin": VIN, "stage": stage}
    whole = known[VIN] | row
    (found,) = source.check(replace(asked, rows=[row], whole=[whole], known=known))
    return [(problem.code, problem.field) for problem in found]


def test_a_sheet_does_not_move_it_on_either(let: Connection[Any]) -> None:
    assert problems_of(let, "in_stock") == [("vehicle_on_lease", "stage")]
    assert problems_of(let, "in_service") == []
    assert problems_of(let, "let") == []
