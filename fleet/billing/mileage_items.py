"""Decides what kilometres beyond those included cost, period by period, where that is agreed.

A period is settled once, when it is over and the odometer of every vehicle of the line is known at
both ends of its time there: the latest reading at or before the midnight, of that day. What cannot
be told yet waits, and is settled as one with the periods after it, to the lessee's advantage; what
was settled as one stays so, whatever is read later; a
swap that nobody read leaves its periods to people. What is not driven counts for later periods, if
so agreed. Leaves out kilometres settled at the return (`fleet/hand_overs`), and who reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, groupby
from typing import Final

from fleet.billing.context import PlanContext, Reading, ReadingPoint
from fleet.billing.model import LineDraft, Source
from fleet.billing.rent_items import day_range
from fleet.billing.stretches import (
    InForce,
    Stretch,
    in_force,
    line_numbers,
    stretches_of,
    within,
)
from fleet.lease_book import (
    Book,
    Line,
    Mileage,
    RentPeriod,
    Rhythm,
    Settled,
    periods_of,
    rhythm_of,
    settle,
)
from fleet.local_days import begin_of
from kit.money import allocate

FRESH: Final = timedelta(days=1)
"""How old a reading may be at the instant it stands for."""


@dataclass(frozen=True, slots=True)
class Way:
    """A vehicle in a line for a while: where its odometer is wanted."""

    begin: ReadingPoint
    end: ReadingPoint


@dataclass(frozen=True, slots=True)
class Stage:
    """Periods of a line that may be settled as one, and the ways driven in them."""

    period: RentPeriod
    line: Line
    mileage: Mileage
    ways: tuple[Way, ...]


@dataclass(slots=True)
class Mileages:
    """The lines of settlements that are on no bill yet. `look_on`: when there may be more."""

    lines: list[LineDraft] = field(default_factory=list)
    look_on: list[date] = field(default_factory=list)


def reading_points(book: Book, *, from_on: date, today: date) -> list[ReadingPoint]:
    """Where odometers are wanted to settle the periods that begin on a day or later and are over.

    Of each the latest reading at or before the instant; none where nothing is settled by period.
    """
    ways = (
        way for each in _lines(book, from_on, today) for stage in each.stages for way in stage.ways
    )
    return list(dict.fromkeys(chain.from_iterable((way.begin, way.end) for way in ways)))


def mileage_lines(ctx: PlanContext, billed: Mapping[Source, int]) -> Mileages:
    """What kilometres cost in the periods that are over; nothing to pay is told as well."""
    found = Mileages()
    for each in _lines(ctx.book, ctx.settings.bills_from_on, ctx.today):
        found.look_on += [day for day in each.ends if day > ctx.today][:1]
        driven, waits = _driven(each.stages, ctx.readings, _settled_as_one(ctx, each.no))
        if waits:
            found.look_on.append(ctx.today + timedelta(days=1))
        for _terms, together in groupby(driven, key=lambda one: (one[0].mileage, one[0].line.per)):
            group = list(together)
            line = group[0][0].line
            kms = [(stage.period, int(sum(km))) for stage, km in group]
            settled = settle(group[0][0].mileage, line.per, kms)
            for (stage, km), one in zip(group, settled, strict=True):
                source = Source("mileage", f"{line.no}:{stage.period.no}")
                if source not in billed:
                    found.lines += _drafts(source, stage, km, one, ctx.readings)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    no: int
    stages: tuple[Stage, ...]
    ends: tuple[date, ...]
    """When periods that are not over are."""


def _lines(book: Book, from_on: date, today: date) -> Iterator[_Line]:
    """The lines of which periods are settled one by one."""
    if not any(
        line.mileage is not None and line.mileage.settled == "each_period"
        for version in book.versions
        for line in version.terms.lines
    ):
        return
    versions, rhythm = in_force(book), rhythm_of(book.terms)
    periods = list(_known(book, from_on, today))
    for no in line_numbers(versions):
        days = stretches_of(book, no, versions)
        stages, ends = [], []
        for period in periods:
            mine = within(days, period.from_on, period.until_on)
            agreed = _agreed(versions, no, mine[0].from_on) if mine else None
            mileage = None if agreed is None else agreed.mileage
            if agreed is None or mileage is None or mileage.settled != "each_period":
                continue
            if period.until_on > today:
                ends.append(period.until_on)
            else:
                stages.append(_stage(book, rhythm, period, mine, line=agreed, mileage=mileage))
        yield _Line(no, tuple(stages), tuple(ends))


def _known(book: Book, from_on: date, today: date) -> Iterator[RentPeriod]:
    """The periods to today, with the one that runs."""
    for period in periods_of(book, until_on=today + timedelta(days=1)):
        if period.from_on >= from_on:
            yield period


def _agreed(versions: Sequence[InForce], line_no: int, on: date) -> Line | None:
    """The line as it was agreed for a day."""
    terms = next(each.version.terms for each in versions if each.from_on <= on < each.until_on)
    return terms.line(line_no)


def _stage(
    book: Book,
    rhythm: Rhythm,
    period: RentPeriod,
    mine: Sequence[Stretch],
    *,
    line: Line,
    mileage: Mileage,
) -> Stage:
    """A period of a line, cut to the days the line had in it."""
    cut = rhythm.cut(period, mine[0].from_on, mine[-1].until_on)
    assert cut is not None, "the days of a line in a period lie in it"
    from_at, until_at = begin_of(period.from_on, book.zone), begin_of(period.until_on, book.zone)
    ways = []
    for segment in book.of_line(line.no):
        begin = max(segment.from_at, from_at)
        end = until_at if segment.until_at is None else min(segment.until_at, until_at)
        if begin < end:
            vehicle = segment.vehicle_id
            ways.append(Way(ReadingPoint(vehicle, begin), ReadingPoint(vehicle, end)))
    return Stage(cut, line, mileage, tuple(ways))


def _settled_as_one(ctx: PlanContext, line_no: int) -> list[tuple[date, int]]:
    """From which day on, and up to which period, kilometres of a line were settled as one."""
    found = []
    for each in ctx.billed:
        if each.source.kind == "mileage" and each.since_on is not None:
            line, period = map(int, each.source.key.split(":"))
            if line == line_no:
                found.append((each.since_on, period))
    return found


def _driven(
    stages: Sequence[Stage],
    readings: Mapping[ReadingPoint, Reading],
    as_one: Sequence[tuple[date, int]],
) -> tuple[list[tuple[Stage, list[Decimal]]], bool]:
    """What was driven, way by way, where it can be told; and whether the last of it waits."""
    found: list[tuple[Stage, list[Decimal]]] = []
    waiting: Stage | None = None
    for each in stages:
        stage = each if waiting is None else _joined(waiting, each)
        begun = any(since <= each.period.from_on and each.period.no < no for since, no in as_one)
        if begun or (stage.ways and _fresh(stage.ways[-1].end, readings) is None):
            waiting = stage
            continue
        waiting = None
        kms = [_km(way, readings) for way in stage.ways]
        if all(km is not None for km in kms):
            found.append((stage, [km for km in kms if km is not None]))
    return found, waiting is not None


def _joined(one: Stage, two: Stage) -> Stage:
    """Two stages as one, a vehicle that stayed on one way; by the terms of the later."""
    period = RentPeriod(
        two.period.no,
        one.period.from_on,
        two.period.until_on,
        one.period.months + two.period.months,
    )
    ways = list(one.ways)
    rest = list(two.ways)
    if ways and rest and ways[-1].end == rest[0].begin:
        ways[-1] = Way(ways[-1].begin, rest.pop(0).end)
    return Stage(period, two.line, two.mileage, (*ways, *rest))


def _fresh(point: ReadingPoint, readings: Mapping[ReadingPoint, Reading]) -> Reading | None:
    reading = readings.get(point)
    stale = reading is not None and point.at - reading.read_at > FRESH
    return None if stale else reading


def _km(way: Way, readings: Mapping[ReadingPoint, Reading]) -> Decimal | None:
    begin, end = _fresh(way.begin, readings), _fresh(way.end, readings)
    if begin is None or end is None or end.odometer_km < begin.odometer_km:
        return None
    return end.odometer_km - begin.odometer_km


def _drafts(
    source: Source,
    stage: Stage,
    kms: Sequence[Decimal],
    settled: Settled,
    readings: Mapping[ReadingPoint, Reading],
) -> Iterator[LineDraft]:
    """A line a vehicle, by what each was driven; one where there is nothing to pay."""
    title = f"超里程费 {day_range(stage.period.from_on, stage.period.until_on)}"
    basis = {
        "from_on": stage.period.from_on.isoformat(),
        "until_on": stage.period.until_on.isoformat(),
        "brought_km": settled.brought_km,
        "included_km": settled.included_km,
        "driven_km": settled.driven_km,
        "extra_km": settled.extra_km,
        "carried_km": settled.carried_km,
        "extra_fen_per_km": stage.mileage.extra_fen_per_km,
        "vehicles": [
            {
                "vehicle_id": way.begin.vehicle_id,
                "from": readings[way.begin].told(),
                "to": readings[way.end].told(),
            }
            for way in stage.ways
        ],
    }
    by_vehicle: dict[int | None, Decimal] = {}
    for way, km in zip(stage.ways, kms, strict=True):
        by_vehicle[way.begin.vehicle_id] = by_vehicle.get(way.begin.vehicle_id, Decimal(0)) + km
    if settled.extra_fen == 0 or not by_vehicle:
        by_vehicle = {next(iter(by_vehicle), None): Decimal(1)}
    shares = allocate(settled.extra_fen, [int(km * 1_000) for km in by_vehicle.values()])
    for vehicle_id, fen in zip(by_vehicle, shares, strict=True):
        if fen or settled.extra_fen == 0:
            yield LineDraft(
                "mileage", title, fen, source,
                line_no=stage.line.no, vehicle_id=vehicle_id, basis=basis,
            )  # fmt: skip
