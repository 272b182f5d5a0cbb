"""The leases of the demo: each kind, each state, some about to end, one used after its last day.

Decided from the vehicles' places in the fleet and the day alone. Leaves out the customers
(`seed_customers.py`) and how it all gets into the database (`demo_leases.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

from fleet.months import add_months
from guanche.seed_papers import SeedVehicle

Fate = Literal["running", "resting", "returned", "terminated", "bought_out", "swapped", "over_term"]
"""What became of a lease that was handed out; `over_term`: past its last day, and driven on."""
Kind = Literal["short", "long", "lease_to_own"]
RENTS_FEN: Final[dict[Kind, int]] = {"short": 12_000, "long": 280_000, "lease_to_own": 358_000}
"""A micro van, a day or a month; larger models cost more in proportion to their load."""
DEPOSIT_FEN: Final[dict[Kind, int]] = {"short": 200_000, "long": 800_000, "lease_to_own": 1_380_000}
LONGEST_AGO_DAYS: Final = 84
SHOWING_ALL: Final = 2
"""Depots, the last by code, whose leases have come to every end there is."""


@dataclass(frozen=True, slots=True)
class SeedLine:
    """A vehicle in a lease, and its rent a day or a month."""

    vin: str
    model_code: str
    rent_fen: int
    deposit_fen: int


@dataclass(frozen=True, slots=True)
class SeedLease:
    """A lease that began `starts_on`, for so many days or months."""

    depot: str
    customer: int
    """The place of the customer among those of the depot."""
    reference: str
    kind: Kind
    starts_on: date
    count: int
    lines: tuple[SeedLine, ...]
    fate: Fate

    @property
    def unit(self) -> Literal["day", "month"]:
        return "day" if self.kind == "short" else "month"

    @property
    def ends_on(self) -> date:
        """The last day, by the convention of the day before."""
        if self.unit == "day":
            return self.starts_on + timedelta(days=self.count - 1)
        return add_months(self.starts_on, self.count) - timedelta(days=1)


def list_rent_fen(kind: Kind, gvw_kg: int) -> int:
    """By the list, in whole tens of yuan.

    >>> list_rent_fen("long", 2_400), list_rent_fen("long", 4_500)
    (280000, 373000)
    """
    larger = max(1, round(gvw_kg / 2_500))
    return RENTS_FEN[kind] * (2 + larger) // 3_000 * 1_000


def leases_of(book: Sequence[tuple[SeedVehicle, str]], today: date) -> list[SeedLease]:
    """The leases of the let vehicles among these, each with the depot that has it."""
    by_depot: dict[str, list[SeedVehicle]] = defaultdict(list)
    for vehicle, depot in book:
        if vehicle.stage == "let":
            by_depot[depot].append(vehicle)
    return [
        lease
        for place, (depot, vehicles) in enumerate(sorted(by_depot.items(), reverse=True))
        for lease in _of_depot(depot, vehicles, today, whole=place < SHOWING_ALL)
    ]


def _of_depot(
    depot: str, vehicles: Sequence[SeedVehicle], today: date, *, whole: bool
) -> Iterator[SeedLease]:
    """`whole`: with one of each fate."""
    rng = Random(f"{depot} leases")
    for place, group in enumerate(_groups(vehicles, rng)):
        kind, fate = _kind_and_fate(place)
        if not whole:
            fate = "running"
        ago = rng.randrange(3 if fate == "running" else 30, LONGEST_AGO_DAYS)
        count = {"long": rng.choice((6, 12, 12, 24)), "lease_to_own": 36, "short": 30}[kind]
        if fate == "over_term":
            ago, count = 69, 60
        elif kind == "short":
            ago, count = rng.randrange(35, 50), 60
        elif fate == "bought_out":
            count, ago = 2, 75
        yield SeedLease(
            depot=depot,
            customer=place,
            reference=f"{depot.split('-')[1][:2].upper()}-{today:%Y}-{place + 1:03d}",
            kind=kind,
            starts_on=today - timedelta(days=ago),
            count=count,
            lines=tuple(_lines(group, kind)),
            fate=fate,
        )


def _groups(vehicles: Sequence[SeedVehicle], rng: Random) -> Iterator[Sequence[SeedVehicle]]:
    """One vehicle, or up to five, to a lease."""
    begin = 0
    while begin < len(vehicles):
        size = rng.choice((1, 1, 2, 3, 5))
        yield vehicles[begin : begin + size]
        begin += size


def _kind_and_fate(place: int) -> tuple[Kind, Fate]:
    """The first leases of a depot show one of each; the rest run."""
    first: tuple[tuple[Kind, Fate], ...] = (
        ("long", "running"),
        ("short", "over_term"),
        ("lease_to_own", "running"),
        ("long", "swapped"),
        ("long", "resting"),
        ("short", "running"),
        ("long", "returned"),
        ("lease_to_own", "bought_out"),
        ("long", "terminated"),
    )
    return first[place] if place < len(first) else ("long", "running")


def _lines(group: Iterable[SeedVehicle], kind: Kind) -> Iterator[SeedLine]:
    for vehicle in group:
        yield SeedLine(
            vin=vehicle.vin,
            model_code=vehicle.model.code,
            rent_fen=list_rent_fen(kind, vehicle.model.gvw_kg),
            deposit_fen=DEPOSIT_FEN[kind],
        )
