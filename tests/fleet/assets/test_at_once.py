"""A vehicle goes to another operator, or is moved on, while somebody else lets it."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.assets.errors import VehicleOnLease
from fleet.assets.service import assign_operator, change_stage
from fleet.hand_overs.service import Override, hand_out, swap
from fleet.leasing.refusals import VehicleOfAnotherOrganisation
from fleet.leasing.service import amend_lease, check_books, sign_lease
from fleet.registry import service as registry
from kit import db
from kit.errors import DomainError
from schemas.access import SYSTEM

from ..conftest import VIN_A, VIN_B
from ..hand_overs.conftest import OUT_AT, desk, out, ready
from ..leasing.conftest import SIGNED, START, drafted, line, office, terms

__all__ = ["desk", "office"]
Conn = Connection[Any]
Act = Callable[[Conn], object]
LATER = datetime(2026, 3, 2, 8, tzinfo=UTC)


def one_after_the_other(url: str, first: Act, second: Act) -> list[object]:
    """What each came to; the second begins when the first is done, but not committed yet."""
    came_to: list[object] = ["won", "won"]
    with closing(db.connect(url, application_name="first")) as conn:
        first(conn)

        def run() -> None:
            with closing(db.connect(url, application_name="second")) as other:
                try:
                    second(other)
                    other.commit()
                except DomainError as refusal:
                    came_to[1] = refusal

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "the second waits for the first"
        conn.commit()
        thread.join(timeout=60)
        assert not thread.is_alive()
    return came_to


def transfer(conn: Conn) -> object:
    return assign_operator(conn, SYSTEM, vin=VIN_A, organisation_code="west", at=OUT_AT, now=OUT_AT)


def operator_of(conn: Conn) -> str:
    return registry.list_operator_periods(conn, SYSTEM, vin=VIN_A)[-1].organisation_code or ""


def held(conn: Conn) -> int:
    [(rows,)] = conn.execute("SELECT count(*) FROM lease_segments").fetchall()
    return int(rows)


def acts_of(desk: Conn) -> dict[str, Act]:
    """What lets A, or promises it, each under a lease of its own."""
    lease_no, record = ready(desk)
    swapping, its_record = ready(desk)
    out(desk, swapping, its_record, VIN_B)
    draft = drafted(desk, terms(line(vin=VIN_A))).lease.lease_no
    changing, _ = ready(desk)
    desk.commit()
    shared: dict[str, Any] = {"now": LATER}
    return {
        "handed out": lambda conn: hand_out(
            conn, SYSTEM, lease_no=lease_no, line_no=1, vin=VIN_A, record=record, **shared
        ),
        "swapped": lambda conn: swap(
            conn, SYSTEM, lease_no=swapping, line_no=1, vin=VIN_A, back=its_record,
            out=its_record, reason="检修", **shared,
        ),
        "promised": lambda conn: sign_lease(conn, SYSTEM, lease_no=draft, now=SIGNED),
        "promised by an amendment": lambda conn: amend_lease(
            conn, SYSTEM, lease_no=changing, effective_on=START,
            terms=terms(line(vin=VIN_A)), reason="指定车辆", **shared,
        ),
    }  # fmt: skip


HOWS = ["handed out", "swapped", "promised", "promised by an amendment"]


@pytest.mark.parametrize("how", HOWS)
def test_who_transfers_first_keeps_it_from_being_let(
    desk: Conn, database_url: str, how: str
) -> None:
    act = acts_of(desk)[how]
    _, refusal = one_after_the_other(database_url, transfer, act)
    assert isinstance(refusal, VehicleOfAnotherOrganisation)
    assert refusal.facts["vin"] == VIN_A
    assert operator_of(desk) == "west"
    assert check_books(desk) == []


@pytest.mark.parametrize("how", HOWS)
def test_who_lets_first_keeps_it_from_being_transferred(
    desk: Conn, database_url: str, how: str
) -> None:
    act = acts_of(desk)[how]
    _, refusal = one_after_the_other(database_url, act, transfer)
    assert isinstance(refusal, VehicleOnLease)
    assert operator_of(desk) == "east"


def test_who_hands_out_first_keeps_it_from_being_moved_on_by_hand(
    desk: Conn, database_url: str
) -> None:
    """From `let` it would come back into stock, and the book would say otherwise."""
    act = acts_of(desk)["handed out"]
    card = registry.get_vehicle(desk, SYSTEM, vin=VIN_A)
    registry.change_stage(
        desk, SYSTEM, vehicle=card, stage="in_service", reason="检修", at=SIGNED, now=SIGNED
    )
    desk.commit()

    def move(conn: Conn) -> object:
        return change_stage(conn, SYSTEM, vin=VIN_A, stage="in_stock", now=LATER.replace(hour=9))

    _, refusal = one_after_the_other(database_url, act, move)
    assert isinstance(refusal, VehicleOnLease)
    stage = registry.find_stage(desk, vehicle=card)
    assert stage is not None and stage.stage == "let"
    assert held(desk) == 2


def test_a_hand_over_in_spite_of_something_waits_like_any_other(
    desk: Conn, database_url: str
) -> None:
    """The word of an override comes first in the trail: it must not wait in a circle."""
    plain, record = ready(desk)
    other, _ = ready(desk)
    desk.commit()
    barrier = threading.Barrier(2)
    came_to: list[object] = []

    def run(lease_no: str, given: Any, override: Override | None) -> None:
        with closing(db.connect(database_url, application_name=lease_no)) as conn:
            barrier.wait(timeout=30)
            try:
                hand_out(
                    conn, SYSTEM, lease_no=lease_no, line_no=1, vin=VIN_A, record=given,
                    override=override, now=LATER,
                )  # fmt: skip
                conn.commit()
                came_to.append("won")
            except Exception as refusal:  # a deadlock is what is looked for
                came_to.append(refusal)

    threads = [
        threading.Thread(target=run, args=(plain, record, None)),
        threading.Thread(
            target=run, args=(other, replace(record, driver=None), Override("老客户"))
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert came_to.count("won") == 1
    [lost] = [each for each in came_to if each != "won"]
    assert isinstance(lost, DomainError) and lost.code == "vehicle_held"
