"""Two people at the same moment: one vehicle is promised once, and held once."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from psycopg import Connection

from fleet.leasing.books import store
from fleet.leasing.refusals import VehicleHeld, VehiclePromised
from fleet.leasing.service import check_books, hand_out, lock_lease, sign_lease
from fleet.leasing.shapes import Segment
from fleet.registry.service import get_vehicle
from kit import db
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, refused
from tests.fleet.leasing.conftest import SIGNED, day, drafted, line, out, signed, terms

Conn = Connection[Any]
Act = Callable[[Conn], object]


def at_once(url: str, *acts: Act) -> list[object]:
    """What each act came to, begun at the same moment on a connection of its own, and committed."""
    barrier = threading.Barrier(len(acts))
    came_to: list[object] = [None] * len(acts)

    def run(place: int, act: Act) -> None:
        with closing(db.connect(url, application_name=f"race {place}")) as conn:
            conn.execute("SELECT 1")
            barrier.wait(timeout=30)
            try:
                act(conn)
                conn.commit()
                came_to[place] = "won"
            except DomainError as refused:
                conn.rollback()
                came_to[place] = refused

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return came_to


def signing(lease_no: str) -> Act:
    return lambda conn: sign_lease(conn, SYSTEM, lease_no=lease_no, now=SIGNED)


def handing_out(lease_no: str) -> Act:
    def act(conn: Conn) -> object:
        lease, _book = lock_lease(conn, lease_no)
        vehicle = get_vehicle(conn, SYSTEM, vin=VIN_A)
        at = day(0, 15)
        return hand_out(conn, SYSTEM, lease=lease, line_no=1, vehicle=vehicle, at=at, now=at)

    return act


def test_two_sign_leases_for_one_vehicle_at_the_same_moment(
    office: Conn, database_url: str
) -> None:
    numbers = [drafted(office, terms(line(vin=VIN_A))).lease.lease_no for _ in range(2)]
    office.commit()
    came_to = at_once(database_url, *(signing(lease_no) for lease_no in numbers))
    [won] = [no for no, each in zip(numbers, came_to, strict=True) if each == "won"]
    [lost] = [each for each in came_to if each != "won"]
    assert isinstance(lost, VehiclePromised)
    assert (lost.facts["vin"], lost.facts["lease_no"]) == (VIN_A, won)
    assert lost.facts["from_at"] == "2026-03-01T16:00:00+00:00"
    rows = office.execute("SELECT lease_no, state FROM leases ORDER BY state").fetchall()
    assert [state for _no, state in rows] == ["draft", "signed"]
    assert office.execute("SELECT count(*) FROM lease_events").fetchone() == (1,)
    assert check_books(office) == []


def test_two_hand_one_vehicle_out_at_the_same_moment(office: Conn, database_url: str) -> None:
    numbers = [signed(office).lease.lease_no for _ in range(2)]
    office.commit()
    came_to = at_once(database_url, *(handing_out(lease_no) for lease_no in numbers))
    [won] = [no for no, each in zip(numbers, came_to, strict=True) if each == "won"]
    [lost] = [each for each in came_to if each != "won"]
    assert isinstance(lost, VehicleHeld)
    assert (lost.facts["vin"], lost.facts["lease_no"]) == (VIN_A, won)
    assert office.execute("SELECT count(*) FROM lease_segments").fetchone() == (1,)
    assert check_books(office) == []


def test_one_lease_is_signed_once_by_two(office: Conn, database_url: str) -> None:
    lease_no = drafted(office).lease.lease_no
    office.commit()
    came_to = at_once(database_url, signing(lease_no), signing(lease_no))
    [lost] = [each for each in came_to if each != "won"]
    assert isinstance(lost, DomainError) and lost.code == "lease_is_signed"
    assert office.execute("SELECT count(*) FROM lease_events").fetchone() == (1,)


def test_what_is_out_of_sight_is_refused_by_the_constraint_without_a_word_of_it(
    office: Conn,
) -> None:
    """Neither pre-check sees the other lease; the constraints do."""
    first = out(office, signed(office).lease.lease_no)
    for table, column, period in (
        ("lease_bookings", "booked_period", "tstzrange('2026-01-01', NULL)"),
        ("lease_segments", "let_period", "tstzrange('2026-01-01', NULL)"),
    ):
        office.execute(f"UPDATE {table} SET {column} = {period}")
    about = {
        "lease_id": signed(office).lease.id,
        "tenant_id": first.tenant_id,
        "organisation_id": first.organisation_id,
    }
    vehicle_id = get_vehicle(office, SYSTEM, vin=VIN_A).id
    with refused(office, VehicleHeld):
        segment = Segment(1, vehicle_id, day(1), None, 2)
        store.insert_segment(office, about, segment, vin=VIN_A)
    with refused(office, VehiclePromised):
        booking = {"line_no": 1, "vehicle_id": vehicle_id, "from_at": day(1).isoformat()}
        store.write_bookings(office, about, [{**booking, "until_at": None}])
