"""换车 leaves no hole, and of two who hand over one vehicle at once one wins."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.hand_overs.errors import SwapInstantsDiffer
from fleet.hand_overs.service import (
    Finding,
    NewWork,
    Override,
    Record,
    get_hand_over,
    hand_out,
    list_hand_overs,
)
from fleet.hand_overs.service import swap as swap_vehicles
from fleet.leasing.refusals import VehicleHeld, VehiclePromised
from fleet.leasing.service import check_books, get_lease_detail
from fleet.leasing.terms import Mileage
from fleet.service.service import NewWorkOrder, open_work_order
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B, refused
from tests.fleet.leasing.conftest import day, line, terms

from .conftest import OUT_AT, back, out, ready, stages

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def read(km: str, soc: int = 90, **given: Any) -> Record:
    return Record(odometer_km=Decimal(km), soc_pct=Decimal(soc), **given)


def swapped(conn: Conn, lease_no: str, record: Record, **given: Any) -> tuple[Any, Any]:
    """B in the place of A, ten days later."""
    usual = {
        "back": read("37000"),
        "out": read("12000", driver=record.driver),
        "reason": "检修",
        "now": day(10),
    }
    keys = swap_vehicles(conn, SYSTEM, lease_no=lease_no, line_no=1, vin=VIN_B, **(usual | given))
    came, gone = (get_hand_over(conn, SYSTEM, key=key, now=day(10)) for key in keys)
    return came, gone


def test_a_swap_leaves_no_hole(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    dent = Finding("damage", "右后门", "凹陷", estimate_fen=60_000)
    came, gone = swapped(desk, lease_no, record, back=read("37000", 40, findings=[dent]))
    assert (came.hand_over.direction, came.hand_over.vin) == ("back", VIN_A)
    assert (gone.hand_over.direction, gone.hand_over.vin) == ("out", VIN_B)
    assert {came.hand_over.occasion, gone.hand_over.occasion} == {"swap"}
    assert came.hand_over.handed_at == gone.hand_over.handed_at == day(10)
    assert came.hand_over.event_no == gone.hand_over.event_no
    placed = get_lease_detail(desk, SYSTEM, lease_no=lease_no, now=day(11)).placed
    assert [(each.vin, each.from_at, each.until_at) for each in placed] == [
        (VIN_A, OUT_AT, day(10)),
        (VIN_B, day(10), None),
    ]
    assert sorted(each.kind for each in came.charges) == ["damage", "energy"]
    assert (stages(desk, VIN_A)[-1], stages(desk, VIN_B)[-1]) == ("in_stock", "let")
    assert check_books(desk) == []


def test_the_mileage_of_a_line_is_that_of_all_its_vehicles(desk: Conn) -> None:
    wanted = terms(line(mileage=Mileage(included_km=5_000, extra_fen_per_km=100)))
    lease_no, record = ready(desk, wanted)
    out(desk, lease_no, record)
    came, _gone = swapped(desk, lease_no, record)
    assert came.charges == []
    home = back(desk, lease_no, read("16000"), at=day(30))
    [charge] = home.charges or []
    assert (charge.kind, charge.amount_fen) == ("mileage", 100_000)
    assert charge.basis["driven_km"] == "6000.0"
    assert [each["vin"] for each in charge.basis["vehicles"]] == [VIN_A, VIN_B]


def test_both_records_are_of_one_instant(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    one, other = day(9), day(9) + timedelta(minutes=1)
    with refused(desk, SwapInstantsDiffer):
        swapped(
            desk,
            lease_no,
            record,
            back=read("37000", handed_at=one),
            out=read("1", driver=record.driver, handed_at=other),
        )


def test_what_is_in_the_workshop_stays_there_and_comes_into_stock(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    wanted = NewWorkOrder(vin=VIN_A, kind="repair", title="制动", takes_off_road=True)
    open_work_order(desk, SYSTEM, wanted=wanted, now=day(9))
    swapped(desk, lease_no, record)
    assert stages(desk, VIN_A) == ["in_stock", "let", "in_service", "in_stock", "in_service"]


def test_a_swap_into_a_work_order(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    came, gone = swapped(desk, lease_no, record, work=NewWork("repair", "制动检修"))
    assert came.hand_over.work_order_no is not None
    assert gone.hand_over.work_order_no is None
    assert stages(desk, VIN_A)[-1] == "in_service"


def test_a_vehicle_that_is_out_does_not_go_out_again(desk: Conn) -> None:
    first, record = ready(desk)
    out(desk, first, record)
    second, other = ready(desk)
    with pytest.raises((VehicleHeld, VehiclePromised)), desk.transaction():
        out(desk, second, other, at=day(1))
    assert [each.lease_no for each in list_hand_overs(desk, SYSTEM, {}, now=day(1))] == [first]


def test_of_two_at_the_same_moment_one_wins(desk: Conn, database_url: str) -> None:
    made = [ready(desk) for _ in range(2)]
    desk.commit()
    barrier = threading.Barrier(2)
    outcomes: list[Any] = []

    def hand_over(lease_no: str, record: Record) -> None:
        with psycopg.connect(database_url) as conn:
            barrier.wait()
            try:
                outcomes.append(
                    hand_out(
                        conn,
                        SYSTEM,
                        lease_no=lease_no,
                        line_no=1,
                        vin=VIN_A,
                        record=replace(record, odometer_km=None),
                        override=Override("不应需要"),
                        now=OUT_AT,
                    )
                )
                conn.commit()
            except DomainError as fact:
                conn.rollback()
                outcomes.append(fact)

    threads = [threading.Thread(target=hand_over, args=each) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [each for each in outcomes if not isinstance(each, DomainError)]
    [fact] = [each for each in outcomes if isinstance(each, DomainError)]
    assert isinstance(fact, VehicleHeld | VehiclePromised)
    assert fact.facts["vin"] == VIN_A
    kept = list_hand_overs(desk, SYSTEM, {}, now=OUT_AT)
    assert [each.key for each in kept] == keys
    assert stages(desk, VIN_A) == ["in_stock", "let"]
    assert check_books(desk) == []
