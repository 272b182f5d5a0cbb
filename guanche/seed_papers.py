"""The papers and the life of each vehicle of the demo: mostly in order, here and there not.

Decided from a vehicle's place in the fleet and the day alone, so that the same day gives the same
fleet. Leaves out how it gets into the database (`demo_assets.py`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from fleet.months import add_months, month_end
from guanche.seed_models import SeedModel, model_of

INSURERS: Final = ("人保财险", "平安产险", "太平洋产险", "国寿财险")
PLACES: Final = ("深圳南山检测站", "广州白云检测站", "杭州余杭检测站")
MODEL_YEAR: Final = {"P": 2023, "R": 2024, "S": 2025, "T": 2026}
"""The tenth character of a VIN."""
FORGOTTEN_MONTHS: Final = 45
"""The age of what stands in stock forgotten: never inspected since its registration, it misses the
third cycle in three months, and is to be scrapped then."""


@dataclass(frozen=True, slots=True)
class SeedPolicy:
    """Cover from one midnight to another."""

    kind: str
    policy_no: str
    insurer: str
    use_nature: str
    from_on: date
    until_on: date
    premium_fen: int


@dataclass(frozen=True, slots=True)
class SeedVehicle:
    """What is on record of a vehicle, and in which stage it stands since how long."""

    vin: str
    model: SeedModel
    registered_on: date
    motor_no: str
    use_nature: str
    inspections: tuple[tuple[date, date], ...]
    """The day of each pass and the last day it is good for, the first at the registration."""
    policies: tuple[SeedPolicy, ...]
    permit_reviewed_to_on: date | None
    stage: str
    staged_days_ago: int
    purchased_on: date
    pooled: bool
    tags: tuple[str, ...]


def papers_of(place: int, vin: str, today: date) -> SeedVehicle:
    """The vehicle at this place of the fleet, as it is today."""
    rng = Random(f"{vin} papers")
    model = model_of(vin)
    registered = _registered_on(vin, today, rng)
    stage, days = _stage(place, rng)
    forgotten = place % 100 == 75 and vin[9] == "P"
    if forgotten:
        registered = add_months(today, -FORGOTTEN_MONTHS)
    age_years = max(0, (today - registered).days // 365)
    permit = None
    if model.gvw_kg > 4_500:
        late = place % 3 == 0
        permit = today - timedelta(days=20) if late else today + timedelta(days=40 + place)
    return SeedVehicle(
        vin=vin,
        model=model,
        registered_on=registered,
        motor_no=f"TZ{rng.randrange(10**7):07d}",
        use_nature="租赁" if place % 31 else "非营运",
        inspections=_inspections(place, registered, 0 if forgotten else age_years, today),
        policies=tuple(_policies(place, registered, today, rng)),
        permit_reviewed_to_on=permit,
        stage=stage,
        staged_days_ago=days,
        purchased_on=registered - timedelta(days=20),
        pooled=stage == "in_stock" and place % 4 == 0,
        tags=("冷链",) if place % 13 == 0 else (),
    )


def _registered_on(vin: str, today: date, rng: Random) -> date:
    """Some day after the year of its model began, at least two months ago."""
    begin = date(MODEL_YEAR.get(vin[9], 2024), 2, 1)
    latest = min(date(begin.year, 12, 20), today - timedelta(days=60))
    return begin + timedelta(days=rng.randrange(max(1, (latest - begin).days)))


def _inspections(
    place: int, registered: date, age_years: int, today: date
) -> tuple[tuple[date, date], ...]:
    """Yearly, as goods vehicles are; a few have missed the last one."""
    passes = [(registered, month_end(add_months(registered, 12)))]
    for year in range(1, age_years + 1):
        done = add_months(registered, 12 * year) - timedelta(days=9)
        if done >= today or (year == age_years and place % 17 == 3):
            break
        passes.append((done, month_end(add_months(registered, 12 * (year + 1)))))
    return tuple(passes)


def _policies(place: int, registered: date, today: date, rng: Random) -> list[SeedPolicy]:
    """A year each from the registration on; some lapsed, some with a gap, some without 商业险."""
    found: list[SeedPolicy] = []
    insurer = rng.choice(INSURERS)
    for kind, premium_fen in (("compulsory", 95_000), ("commercial", 480_000)):
        if kind == "commercial" and place % 11 == 5:
            continue
        year = 0
        while (begin := add_months(registered, 12 * year)) <= today:
            end = add_months(registered, 12 * (year + 1))
            lapsed = end > today and year > 0 and place % 23 == (7 if kind == "compulsory" else 9)
            if lapsed:
                break
            gap = timedelta(days=2) if year == 1 and place % 29 == 4 else timedelta()
            use = "营业货车" if place % 19 else "非营业货车"
            code = "PDZA" if kind == "compulsory" else "PDAA"
            number = f"{code}{begin:%Y}{rng.randrange(10**12):012d}"
            found.append(SeedPolicy(kind, number, insurer, use, begin + gap, end, premium_fen))
            year += 1
    return found


def _stage(place: int, rng: Random) -> tuple[str, int]:
    """Two thirds are let; some stand in stock for long."""
    turn = place % 20
    if turn < 13:
        return "let", rng.randrange(5, 80)
    if turn < 17:
        return "in_stock", rng.randrange(1, 75)
    if turn < 19:
        return "in_service", rng.randrange(1, 9)
    return "for_sale", rng.randrange(10, 60)
