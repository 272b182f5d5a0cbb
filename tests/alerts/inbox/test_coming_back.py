"""What is opened by hand ends by itself; each return has its name; and what it then belongs to."""

from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import Applied, apply
from alerts.model import Finding, Links
from alerts.notify.service import gather_due
from kit import db
from kit.settings import Settings
from schemas.access import SYSTEM, Actor, permissions_of
from tests.alerts.inbox.conftest import NOON, VIN_A, Land, at

AT_ONCE = Settings(notify_group_wait_s=0)
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def row(conn: Connection[Any], columns: str) -> tuple[Any, ...]:
    found: list[tuple[Any, ...]] = conn.execute(f"SELECT {columns} FROM alerts".encode()).fetchall()
    (only,) = found
    return only


def reopened(conn: Connection[Any], minutes: float) -> None:
    alert_no, version = row(conn, "alert_no, version")
    inbox.reopen(conn, SYSTEM, alert_no=alert_no, version=version, now=at(minutes))


class Rent:
    """A rent as a sweep tells of it: a name for each time it is due again."""

    def __init__(self, land: Land) -> None:
        self.land, self.conn = land, land.conn

    def due(self, minutes: float, *fires: str) -> Applied:
        found = self.land.finding("rent_due", minutes, fire_keys=fires, occurrence="d")
        return apply(self.conn, [found], [], now=at(minutes))

    def due_again(self, minutes: float) -> Applied:
        (again,) = row(self.conn, "reopened + 1")
        return self.due(minutes, f"d#0@{again}")

    def paid(self, minutes: float) -> Applied:
        return apply(self.conn, [], [self.land.clearing("rent_due", minutes, "d")], now=at(minutes))


def test_opened_by_hand_it_ends_when_it_is_settled(land: Land, conn: Connection[Any]) -> None:
    rent = Rent(land)
    rent.due(0, "d#0")
    assert rent.paid(1).cleared == 1
    reopened(conn, 2)
    assert row(conn, "state, cleared_at, reopened") == ("open", None, 1)
    assert rent.paid(3).cleared == 1
    assert row(conn, "state, cleared_at, resolved_by") == ("resolved", at(3), "system")


def test_opened_by_hand_then_due_again_twice(land: Land, conn: Connection[Any]) -> None:
    rent = Rent(land)
    rent.due(0, "d#0")
    rent.paid(1)
    reopened(conn, 2)
    rent.paid(3)
    assert rent.due_again(4).reopened == 1
    rent.paid(5)
    assert rent.due_again(6).reopened == 1
    assert row(conn, "state, reopened, cleared_at") == ("open", 3, None)
    keys = conn.execute("SELECT fire_key FROM alert_fires ORDER BY id").fetchall()
    assert keys == [("d#0",), ("d#0@2",), ("d#0@3",)]


def test_open_though_it_had_ended_each_return_counts(land: Land, conn: Connection[Any]) -> None:
    """Whoever opened it left its end: the names of its returns are told apart all the same."""
    rent = Rent(land)
    rent.due(0, "d#0")
    rent.paid(1)
    conn.execute(
        "UPDATE alerts SET state = 'open', resolved_at = NULL, resolved_by = NULL,"
        " reopened = reopened + 1"
    )
    assert rent.due_again(2).reminded == 1
    assert row(conn, "state, reopened, cleared_at") == ("open", 2, None)
    rent.paid(3)
    assert rent.due_again(4).reopened == 1
    assert row(conn, "state, reopened") == ("open", 3)


def test_open_though_it_had_ended_a_clearing_ends_it(land: Land, conn: Connection[Any]) -> None:
    rent = Rent(land)
    rent.due(0, "d#0")
    rent.paid(1)
    conn.execute("UPDATE alerts SET state = 'open', resolved_at = NULL, resolved_by = NULL")
    assert rent.paid(3).cleared == 1
    assert row(conn, "state, cleared_at") == ("resolved", at(3))


def test_the_application_opens_what_had_ended(
    land: Land, conn: Connection[Any], app_conn: Connection[Any]
) -> None:
    apply(conn, [land.finding()], [], now=NOON)
    apply(conn, [], [land.clearing(minutes=1)], now=at(1))
    alert_no, version = row(conn, "alert_no, version")
    conn.commit()
    east = land.organisations["east"]
    db.act_for(app_conn, [east])
    lin = Actor("person", "lin", east, "east", permissions_of({"ops"}))
    again = inbox.reopen(app_conn, lin, alert_no=alert_no, version=version, now=at(2))
    assert (again.state, again.cleared_at) == ("open", None)


def test_who_heard_that_it_is_over_hears_that_it_is_not(land: Land, conn: Connection[Any]) -> None:
    subscribed(conn)
    apply(conn, [land.finding()], [], now=NOON)
    assert gather_due(conn, AT_ONCE, now=at(1)) == 1
    alert_no, version = row(conn, "alert_no, version")
    inbox.resolve(
        conn, SYSTEM, alert_no=alert_no, version=version, resolution="换了终端", now=at(2)
    )
    assert gather_due(conn, AT_ONCE, now=at(3)) == 1
    reopened(conn, 4)
    assert gather_due(conn, AT_ONCE, now=at(5)) == 1
    told = conn.execute("SELECT purpose, state FROM notification_items ORDER BY id").fetchall()
    assert told == [("raised", "gathered"), ("resolved", "gathered"), ("reopened", "gathered")]


def test_what_another_explains_is_opened_in_silence(land: Land, conn: Connection[Any]) -> None:
    subscribed(conn)
    apply(conn, [land.finding("offline"), land.finding("low_soc_parked", 1)], [], now=at(1))
    alert_no, version = conn.execute(
        "SELECT alert_no, version FROM alerts WHERE kind = 'low_soc_parked'"
    ).fetchall()[0]
    after = inbox.resolve(
        conn, SYSTEM, alert_no=alert_no, version=version, resolution="x", now=at(2)
    )
    inbox.reopen(conn, SYSTEM, alert_no=alert_no, version=after.version, now=at(3))
    told = conn.execute("SELECT purpose FROM notification_items").fetchall()
    assert told == [("raised",)], "that it is offline"


def subscribed(conn: Connection[Any]) -> None:
    """A channel that is told of all, also of what is over."""
    conn.execute(
        "WITH c AS (INSERT INTO notification_channels (tenant_id, organisation_id, name, kind,"
        " target_sealed, target_hint, created_by, created_at)"
        " SELECT tenant_id, id, 'x', 'email', 'x', 'x', 'x', %(at)s FROM organisations"
        " WHERE code = 'east' RETURNING *)"
        " INSERT INTO notification_subscriptions (tenant_id, organisation_id, channel_id,"
        " least_severity, tells_resolved, created_by, created_at)"
        " SELECT tenant_id, organisation_id, id, 'info', true, 'x', %(at)s FROM c",
        {"at": NOON},
    )


@pytest.fixture
def leases(land: Land, conn: Connection[Any]) -> list[tuple[int, int]]:
    """Two leases and their customers, by ids."""
    of = {"tenant_id": land.organisations["head"], "organisation_id": land.organisations["east"]}
    made = []
    for n in (1, 2):
        given = of | {"no": f"C2611-00000{n}", "lease_no": f"L2611-00000{n}", "now": NOON}
        customer = conn.execute(
            "INSERT INTO customers (tenant_id, organisation_id, customer_no, kind, name,"
            " created_by, created_at) VALUES (%(tenant_id)s, %(organisation_id)s, %(no)s,"
            " 'company', 'x', 'lin', %(now)s) RETURNING id",
            given,
        ).fetchone()
        assert customer is not None
        lease = conn.execute(
            "INSERT INTO leases (tenant_id, organisation_id, lease_no, customer_id, kind, state,"
            " terms, starts_on, signed_at, started_at, created_by, created_at) VALUES"
            " (%(tenant_id)s, %(organisation_id)s, %(lease_no)s, %(customer)s, 'long', 'active',"
            """ '{"lines": []}', %(now)s, %(now)s, %(now)s, 'lin', %(now)s) RETURNING id""",
            given | {"customer": customer[0]},
        ).fetchone()
        assert lease is not None
        made.append((int(lease[0]), int(customer[0])))
    return made


@pytest.mark.parametrize("ended", [True, False], ids=["reopened", "joined"])
def test_what_goes_on_belongs_to_the_lease_of_now(
    land: Land, conn: Connection[Any], leases: list[tuple[int, int]], ended: bool
) -> None:
    def flap(minutes: float, lease: tuple[int, int] | None) -> Finding:
        ids = {"lease_id": lease[0], "customer_id": lease[1]} if lease else {}
        links = Links(vehicle_id=land.vehicles[VIN_A], **ids)
        return land.finding(minutes=minutes, reopen_within_s=600, links=links)

    first, second = leases
    apply(conn, [flap(0, first)], [], now=NOON)
    if ended:
        apply(conn, [], [land.clearing(minutes=1)], now=at(1))
        assert row(conn, "lease_id, customer_id") == first, "its end leaves it whose it was"
    apply(conn, [flap(5, second)], [], now=at(5))
    vehicle_id = land.vehicles[VIN_A]
    assert row(conn, "vehicle_id, lease_id, customer_id") == (vehicle_id, *second)
    apply(conn, [flap(6, None)], [], now=at(6))
    assert row(conn, "vehicle_id, lease_id, customer_id") == (vehicle_id, None, None)


def test_what_goes_on_keeps_its_work_order(land: Land, conn: Connection[Any]) -> None:
    apply(conn, [land.finding(reopen_within_s=600)], [], now=NOON)
    order = conn.execute(
        "INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state,"
        " priority, title, opened_by, opened_at) VALUES (%s, %s, 'W2611-AAAAAA', %s, 'repair',"
        " 'open', 'normal', 'x', 'x', now()) RETURNING id",
        [land.organisations["head"], land.organisations["east"], land.vehicles[VIN_A]],
    ).fetchone()
    alert_no, version = row(conn, "alert_no, version")
    inbox.link_work_order(
        conn, SYSTEM, alert_no=alert_no, version=version, work_order_no="W2611-AAAAAA", now=at(1)
    )
    applied = apply(conn, [land.finding(minutes=5, reopen_within_s=600)], [], now=at(5))
    assert applied.reminded == 1
    assert row(conn, "work_order_id") == order
