"""Clocks that stop, jump and go back; zones; two sweeps at once: each reminder once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from alerts.obligations.service import sweep
from alerts.rules.service import all_rules
from kit import db
from tests.alerts.obligations.world import NY_VIN, World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")

KEYS = [30, 14, 7, 3, 1, 0, -1, -7, -14, -21]
"""Of an inspection due on 11-30, from 10-31 to 12-21."""


def names(kind: str, due: str, days: list[int]) -> list[str]:
    return [f"{kind} {due}#{each}" for each in days]


@pytest.mark.parametrize("step", [1, 5, 40])
def test_after_any_down_time_each_reminder_fired_once(world: World, step: int) -> None:
    world.paper("inspection", day("11-30"))
    now, until = at("10-30"), at("12-22")
    while now < until:
        world.sweep(now)
        now += timedelta(days=step)
    world.sweep(until)
    found = [each.removesuffix(" (missed)") for each in world.fires()]
    assert found == names("inspection_due", "2026-11-30", KEYS)


def test_of_several_that_were_missed_only_the_last_is_told(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.sweep(at("10-31"))
    before = len(world.fires())
    assert world.sweep(at("11-28")).counts() == {"reminded": 1}
    assert world.fires()[before:] == [
        "inspection_due 2026-11-30#14 (missed)",
        "inspection_due 2026-11-30#7 (missed)",
        "inspection_due 2026-11-30#3",
    ]


def test_twice_the_same_instant_changes_nothing(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.bill(day("11-21"))
    world.sweep(at("11-21"))
    state = world.conn.execute("SELECT a.* FROM alerts a ORDER BY id").fetchall()
    fires = world.fires()
    assert world.sweep(at("11-21")).counts() == {}
    assert world.conn.execute("SELECT a.* FROM alerts a ORDER BY id").fetchall() == state
    assert world.fires() == fires


@pytest.mark.parametrize("back", ["11-27", "11-20", "10-01", "2025-11-29"])
def test_a_clock_put_back_tells_nothing_and_settles_nothing(world: World, back: str) -> None:
    world.paper("inspection", day("11-30"))
    world.bill(day("11-28"))
    world.sweep(at("11-29"))
    assert world.sweep(at(back)).counts() == {}
    assert days_told(world, ["11-29", "11-30"]) == {"11-30": ["inspection_due 2026-11-30#0"]}


def test_a_daily_reminder_missed_for_years_is_written_down_in_bounds(world: World) -> None:
    world.paper("compulsory", day("2023-01-01"))
    assert world.told(at("11-21")) == ["compulsory_insurance 2023-01-01#-1420"]
    assert len(world.fires()) == 50
    assert world.told(at("11-22")) == ["compulsory_insurance 2023-01-01#-1421"]


@pytest.mark.parametrize(
    ("hour", "told"),
    [
        pytest.param(15, [], id="23:00 of the 13th in Shanghai"),
        pytest.param(16, ["rent_due 2026-11-21#7"], id="midnight"),
        pytest.param(17, ["rent_due 2026-11-21#7"], id="01:00 of the 14th"),
    ],
)
def test_a_day_begins_at_midnight_of_the_organisation(
    world: World, hour: int, told: list[str]
) -> None:
    world.bill(day("11-21"))
    assert world.told(at("11-13", hour, "UTC")) == told


def test_a_zone_with_summer_time_has_its_own_days(world: World) -> None:
    """New York goes back an hour on 2026-11-01: that day has 25 hours, and one reminder."""
    world.bill(day("11-01"), code="ny")
    world.paper("inspection", day("2026-03-08"), vin=NY_VIN, tenant="ny")
    world.sweep(at("2026-02-05"))
    hours = [at("10-31", 20, "UTC") + timedelta(hours=hour) for hour in range(36)]
    told = {f"{now:%m-%dT%H}": world.told(now) for now in hours}
    bills = {now: [name for name in each if name.startswith("rent")] for now, each in told.items()}
    assert {now: each for now, each in bills.items() if each} == {
        "10-31T20": ["rent_due 2026-11-01#3"],
        "11-01T04": ["rent_due 2026-11-01#0"],  # 00:00 in New York, UTC-4
        "11-02T05": ["rent_due 2026-11-01#-1"],  # 00:00 in New York, UTC-5
    }
    [(raised_at,)] = world.conn.execute(
        "SELECT last_raised_at FROM alerts WHERE kind = 'rent_due'"
    ).fetchall()
    assert raised_at == at("11-02", 5, "UTC")


def test_two_sweeps_at_once_tell_once(own_world: World, database_url: str) -> None:
    world = own_world
    for due in ("11-21", "11-20", "11-19"):
        world.bill(day(due))
    world.paper("inspection", day("11-30"))
    world.conn.commit()

    def one(_: int) -> int:
        with closing(db.connect(database_url, application_name="sweep")) as conn:
            with conn.transaction():
                sweep(conn, all_rules(conn), now=at("11-21"))
            return 1

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(one, range(6))) == 6
    fires = world.fires()
    assert len(fires) == len(set(fires))
    found = world.conn.execute("SELECT count(*), sum(fires) FROM alerts").fetchone()
    assert found is not None
    assert (found[0], found[1]) == (4, len(fires))
    assert sorted(each for each in fires if "missed" not in each) == [
        "inspection_due 2026-11-30#14",
        "rent_due 2026-11-19#-1",
        "rent_due 2026-11-20#-1",
        "rent_due 2026-11-21#0",
    ]
