"""Leases about to end, and vehicles used after the last day: how far over, how far driven."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from fleet.leasing.over_term.service import (
    UsedAfterExpiry,
    VehicleOut,
    list_after_expiry,
    list_ending,
)
from fleet.local_days import begin_of
from schemas.access import PERMISSIONS, PermissionMissing

from ..calendar.conftest import ASKED_AT, TODAY, day
from ..let import Leases, Written
from ..seen import VINS, Fleet, build_fleet

Over = Callable[..., list[UsedAfterExpiry]]
Ahead = Callable[..., list[VehicleOut]]


@pytest.fixture
def fleet(conn: Any, app_conn: Any) -> Fleet:
    """A and B are west's, C is of the depot below east, W of east."""
    return build_fleet(conn, app_conn)


@pytest.fixture
def leases(fleet: Fleet) -> Leases:
    return Leases(fleet)


@pytest.fixture
def over(fleet: Fleet) -> Over:
    def ask(code: str = "head", **filters: Any) -> list[UsedAfterExpiry]:
        rest = {name: filters.pop(name) for name in ("after", "limit") if name in filters}
        actor = filters.pop("actor", None) or fleet.actor(code)
        with fleet.as_member(code) as conn:
            return list_after_expiry(conn, actor, filters, now=ASKED_AT, **rest)

    return ask


@pytest.fixture
def ahead(fleet: Fleet) -> Ahead:
    def ask(code: str = "head", **filters: Any) -> list[VehicleOut]:
        names = ("within_days", "after", "limit", "now")
        rest = {name: filters.pop(name) for name in names if name in filters}
        with fleet.as_member(code) as conn:
            return list_ending(conn, fleet.actor(code), filters, **{"now": ASKED_AT} | rest)

    return ask


def out(leases: Leases, code: str, vehicle: str, ends_on: date | None, **rest: Any) -> Written:
    """A lease to that day whose vehicle is out."""
    lease = leases.of(code, ends_on=ends_on, **rest)
    leases.had(lease, vehicle, begin_of(date(2026, 2, 1)), None)
    return lease


def reading(fleet: Fleet, vehicle: str, at: datetime, km: str, source: str = "telemetry") -> None:
    fleet.insert(
        "odometer_readings",
        tenant_id=fleet.organisation_ids["head"],
        organisation_id=fleet.organisation_ids["west"],
        vehicle_id=fleet.vehicle_ids[vehicle],
        read_at=at,
        odometer_km=Decimal(km),
        source=source,
        recorded_by="guanche",
    )


@pytest.mark.parametrize(
    ("ends_on", "days_over"),
    [
        pytest.param(day(-1), 1, id="ended yesterday"),
        pytest.param(day(-20), 20, id="long ago"),
        pytest.param(TODAY, None, id="its last day is today"),
        pytest.param(None, None, id="open-ended"),
    ],
)
def test_over_once_the_last_day_is_over(
    leases: Leases, over: Over, ends_on: date | None, days_over: int | None
) -> None:
    lease = out(leases, "west", "A", ends_on)
    found = over()
    assert [each.days_over for each in found] == ([] if days_over is None else [days_over])
    for each in found:
        assert (each.out.lease_no, each.out.vin, each.out.line_no) == (lease.lease_no, VINS["A"], 1)
        assert each.out.last_on == ends_on


def test_what_came_back_is_not_over(leases: Leases, over: Over) -> None:
    lease = out(leases, "west", "A", day(-5))
    leases.end(lease, begin_of(day(-4)))
    assert over() == []


def test_a_terminated_lease_is_over_from_its_termination_on(leases: Leases, over: Over) -> None:
    out(leases, "west", "A", day(100), state="terminated", ended_at=ASKED_AT - timedelta(days=3))
    (found,) = over()
    assert (found.days_over, found.out.last_on, found.out.state) == (3, day(-3), "terminated")


def test_what_it_drove_since_the_last_day_by_its_odometer(
    fleet: Fleet, leases: Leases, over: Over
) -> None:
    out(leases, "west", "A", day(-5))
    ended = begin_of(day(-4))
    reading(fleet, "A", ended - timedelta(hours=40), "990.0")
    reading(fleet, "A", ended - timedelta(hours=10), "1000.5")
    reading(fleet, "A", ended + timedelta(hours=14), "1040.0")
    reading(fleet, "A", ended + timedelta(hours=38), "1040.0")
    fleet.state("A", ASKED_AT, odometer_km=1058.5, speed_kmh=0.0)
    (found,) = over()
    assert (found.driven_km, found.used) == (Decimal("58.0"), True)
    assert (found.use.then_km, found.use.then_at) == (
        Decimal("1000.5"),
        ended - timedelta(hours=10),
    )
    assert (found.use.now_km, found.use.now_at) == (Decimal("1058.5"), ASKED_AT)
    assert not found.use.moving


def test_when_it_moved_last_by_its_samples(fleet: Fleet, leases: Leases, over: Over) -> None:
    out(leases, "west", "A", day(-5))
    ended = begin_of(day(-4))
    reading(fleet, "A", ended - timedelta(hours=10), "1000.0")
    reading(fleet, "A", ended + timedelta(hours=14), "1040.0")
    reading(fleet, "A", ended + timedelta(hours=38), "1040.0")
    moved = ended + timedelta(hours=9)
    for hours, speed_kmh in ((8, 40.0), (9, 30.0), (10, 3.0), (20, 0.0)):
        fleet.sample("A", ended + timedelta(hours=hours), speed_kmh=speed_kmh)
    fleet.state("A", ASKED_AT, odometer_km=1040.0, speed_kmh=0.0)
    assert over()[0].use.moved_at == moved


def test_without_samples_it_moved_before_the_reading_that_grew(
    fleet: Fleet, leases: Leases, over: Over
) -> None:
    out(leases, "west", "A", day(-5))
    ended = begin_of(day(-4))
    reading(fleet, "A", ended - timedelta(hours=10), "1000.0")
    reading(fleet, "A", ended + timedelta(hours=14), "1040.0")
    (found,) = over()
    assert (found.use.moved_at, found.driven_km) == (ended + timedelta(hours=14), None)


def test_what_stands_still_was_not_used(fleet: Fleet, leases: Leases, over: Over) -> None:
    out(leases, "west", "A", day(-5))
    reading(fleet, "A", begin_of(day(-4)) - timedelta(hours=10), "1000.0")
    fleet.state("A", ASKED_AT, odometer_km=1000.0)
    (found,) = over()
    assert (found.driven_km, found.used, found.use.moved_at) == (Decimal("0.0"), False, None)


def test_of_what_told_nothing_nothing_is_said(leases: Leases, over: Over) -> None:
    out(leases, "west", "A", day(-5))
    (found,) = over()
    assert (found.driven_km, found.used, found.use.then_km, found.use.now_km) == (None,) * 4


def test_moving_now_is_told(fleet: Fleet, leases: Leases, over: Over) -> None:
    out(leases, "west", "A", day(-5))
    fleet.state("A", ASKED_AT, speed_kmh=3.5, odometer_km=10.0)
    assert over()[0].use.moving


def test_an_odometer_that_was_turned_back_says_nothing(
    fleet: Fleet, leases: Leases, over: Over
) -> None:
    out(leases, "west", "A", day(-5))
    reading(fleet, "A", begin_of(day(-4)) - timedelta(hours=10), "1000.0", "hand")
    fleet.state("A", ASKED_AT, odometer_km=12.0)
    assert over()[0].driven_km is None


SEEN: Final = {"head": "AC", "east": "C", "west": "A", "other": ""}


@pytest.mark.parametrize(("code", "letters"), SEEN.items())
def test_each_sees_its_own_and_below(leases: Leases, over: Over, code: str, letters: str) -> None:
    out(leases, "west", "A", day(-2))
    out(leases, "east-depot", "C", day(-1))
    by_vin = {vin: letter for letter, vin in VINS.items()}
    assert "".join(by_vin[each.out.vin] for each in over(code)) == letters


def test_filters(leases: Leases, over: Over) -> None:
    first, second = out(leases, "west", "A", day(-2)), out(leases, "east-depot", "C", day(-1))
    assert [each.out.lease_no for each in over(organisation="east")] == [second.lease_no]
    assert [each.out.lease_no for each in over(customer=first.customer_no)] == [first.lease_no]
    assert [each.out.lease_no for each in over(vin=VINS["C"])] == [second.lease_no]
    assert over(kind="short") == []


def test_pages_together_are_the_whole_list(leases: Leases, over: Over) -> None:
    for vehicle, code in (("A", "west"), ("B", "west"), ("W", "east"), ("C", "east-depot")):
        out(leases, code, vehicle, day(-2) if vehicle in "AB" else day(-3))
    whole = over()
    found: list[UsedAfterExpiry] = []
    while page := over(after=found[-1].out.place if found else None, limit=1):
        found += page
    assert found == whole
    assert len(whole) == 4


@pytest.mark.parametrize(
    ("ends_on", "within_days", "days_left"),
    [
        pytest.param(TODAY, None, 0, id="today"),
        pytest.param(day(30), None, 30, id="within the figure"),
        pytest.param(day(31), None, None, id="beyond it"),
        pytest.param(day(31), 31, 31, id="as said"),
        pytest.param(day(-1), None, None, id="over"),
        pytest.param(None, None, None, id="open-ended"),
    ],
)
def test_about_to_end(
    leases: Leases,
    ahead: Ahead,
    ends_on: date | None,
    within_days: int | None,
    days_left: int | None,
) -> None:
    out(leases, "west", "A", ends_on)
    found = ahead(within_days=within_days)
    assert [each.days_left for each in found] == ([] if days_left is None else [days_left])


def test_the_last_day_ends_at_midnight_in_shanghai(leases: Leases, ahead: Ahead) -> None:
    out(leases, "west", "A", TODAY)
    midnight = begin_of(day(1))
    assert len(ahead(now=midnight - timedelta(seconds=1))) == 1
    assert ahead(now=midnight) == []


@pytest.mark.parametrize("verb", ["lease.read", "vehicle.read"])
def test_who_lacks_a_verb_gets_none(fleet: Fleet, over: Over, verb: str) -> None:
    lacking = fleet.actor("head", sorted(PERMISSIONS.keys() - {verb}))
    with pytest.raises(PermissionMissing) as raised:
        over(actor=lacking)
    assert raised.value.facts == {"permission": verb}
