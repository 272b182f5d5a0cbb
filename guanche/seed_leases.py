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
RENTS_FEN: Final = {"short": 12_000, "long": 280_000, "lease_to_own": 358_000}
"""A micro van, a day or a month; larger models cost more in proportion to their load."""
DEPOSIT_FEN: Final = {"short": 200_000, "long": 800_000, "lease_to_own": 1_380_000}
LONGEST_AGO_DAYS: Final = 84


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
    kind: Literal["short", "long", "lease_to_own"]
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


def leases_of(book: Sequence[tuple[SeedVehicle, str]], today: date) -> list[SeedLease]:
    """The leases of the let vehicles among these, each with the depot that has it."""
    by_depot: dict[str, list[SeedVehicle]] = defaultdict(list)
    for vehicle, depot in book:
        if vehicle.stage == "let":
            by_depot[depot].append(vehicle)
    return [
        lease
        for depot, vehicles in sorted(by_depot.items())
        for lease in _of_depot(depot, vehicles, today)
    ]


def _of_depot(depot: str, vehicles: Sequence[SeedVehicle], today: date) -> Iterator[SeedLease]:
    rng = Random(f"{depot} leases")
    for place, group in enumerate(_groups(vehicles, rng)):
        kind, fate = _kind_and_fate(place)
        ago = rng.randrange(3, LONGEST_AGO_DAYS)
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


def _kind_and_fate(place: int) -> tuple[Literal["short", "long", "lease_to_own"], Fate]:
    """The first leases of a depot show one of each; the rest run."""
    first: tuple[tuple[Literal["short", "long", "lease_to_own"], Fate], ...] = (
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


def _lines(
    group: Iterable[SeedVehicle], kind: Literal["short", "long", "lease_to_own"]
) -> Iterator[SeedLine]:
    for vehicle in group:
        larger = max(1, round(vehicle.model.gvw_kg / 2_500))
        yield SeedLine(
            vin=vehicle.vin,
            model_code=vehicle.model.code,
            rent_fen=RENTS_FEN[kind] * (2 + larger) // 3,
            deposit_fen=DEPOSIT_FEN[kind],
        )
