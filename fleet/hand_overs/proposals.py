"""Decides what is proposed to be charged when a vehicle comes back, and tells how it comes about.

Normal wear is never charged (Civil Code §710), nor what was there when the vehicle went out; damage
by misuse or want of care is (§711, §714). Every proposal carries its basis; somebody decides on
each. Leaves out early ends and violations, and kilometres that no two readings tell of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from fleet.hand_overs.model import Finding
from kit.money import round_fen

ProposedKind = Literal["damage", "missing", "cleaning", "energy", "mileage", "late_return"]
DAYS_OF_A_MONTH = 30
"""For a day's share of a monthly rent."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed; `basis` is ready for JSON and says how the amount comes about."""

    kind: ProposedKind
    title: str
    amount_fen: int
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of a vehicle: when, how much, and who said so: people (`hand`) or `telemetry`."""

    at: datetime
    amount: Decimal
    source: Literal["hand", "telemetry"]

    def told(self) -> dict[str, str]:
        """As a basis tells it."""
        return {"read_at": self.at.isoformat(), "reading": str(self.amount), "source": self.source}


@dataclass(frozen=True, slots=True)
class Driven:
    """The odometer of one vehicle when it went out and when it came back."""

    vin: str
    out: Reading
    back: Reading

    @property
    def km(self) -> Decimal:
        return self.back.amount - self.out.amount


def of_findings(findings: Sequence[Finding], *, cleaning_fen: int) -> Iterator[Proposed]:
    """Damage and what is missing, each by its estimate (0: not estimated yet); cleaning once, by
    what it was estimated to cost, else at the price.

    >>> dent = Finding("damage", "右后门", "凹陷", estimate_fen=60_000)
    >>> found = [dent, Finding("wear", "座椅", "磨损"), Finding("dirt", "货厢", "油污")]
    >>> [(each.kind, each.amount_fen) for each in of_findings(found, cleaning_fen=10_000)]
    [('damage', 60000), ('cleaning', 10000)]
    """
    dirt = [each for each in findings if each.kind == "dirt" and not each.was_there]
    for no, finding in enumerate(findings, 1):
        if finding.was_there or finding.kind in ("wear", "dirt"):
            continue
        kind: ProposedKind = "damage" if finding.kind == "damage" else "missing"
        basis = {
            "finding_no": no,
            "estimate_fen": finding.estimate_fen,
            "rule": "民法典 §711, §714",
        }
        title = f"{no}. {finding.part}：{finding.description}"
        yield Proposed(kind, title, finding.estimate_fen or 0, basis)
    if dirt:
        estimates = [each.estimate_fen for each in dirt if each.estimate_fen is not None]
        amount_fen = sum(estimates) if estimates else cleaning_fen
        parts = [each.part for each in dirt]
        told = {"parts": parts, "by": "estimate" if estimates else "price"}
        yield Proposed("cleaning", "清洁费", amount_fen, told)


def of_energy(
    out: Reading | None, back: Reading | None, *, battery_kwh: Decimal | None, fen_per_kwh: int
) -> Iterator[Proposed]:
    """What was charged into the battery less than it went out with: per cent of its size.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> out, back = Reading(at, Decimal("90"), "hand"), Reading(at, Decimal("35.5"), "hand")
    >>> [energy] = of_energy(out, back, battery_kwh=Decimal("41.86"), fen_per_kwh=120)
    >>> energy.amount_fen, energy.basis["energy_kwh"]  # 54.5 % of 41.86 kWh at 1.20 yuan
    (2738, '22.8137')
    """
    if out is None or back is None or battery_kwh is None or back.amount >= out.amount:
        return
    energy_kwh = (out.amount - back.amount) / 100 * battery_kwh
    basis = {
        "out": out.told(),
        "back": back.told(),
        "battery_kwh": str(battery_kwh),
        "energy_kwh": str(energy_kwh.normalize()),
        "fen_per_kwh": fen_per_kwh,
    }
    yield Proposed("energy", "补电费", round_fen(energy_kwh * fen_per_kwh), basis)


def of_late_return(
    ends_on: date | None, returned_on: date, *, rent_fen: int, per: Literal["day", "month"]
) -> Iterator[Proposed]:
    """The rent of the days after the last one, that of the return counted; a month's rent is
    shared out over 30 days. It stands for the rent of these days, which is owed once.

    >>> from datetime import date
    >>> late = of_late_return(
    ...     date(2026, 11, 17), date(2026, 11, 20), rent_fen=300_000, per="month"
    ... )
    >>> [(each.amount_fen, each.basis["days"]) for each in late]
    [(30000, 3)]
    """
    if ends_on is None or returned_on <= ends_on:
        return
    days = (returned_on - ends_on).days
    basis = {
        "ends_on": ends_on.isoformat(),
        "returned_on": returned_on.isoformat(),
        "days": days,
        "rent_fen": rent_fen,
        "per": per,
        "rule": "民法典 §733, §734",
    }
    share = Fraction(days, DAYS_OF_A_MONTH if per == "month" else 1)
    yield Proposed("late_return", "逾期还车费", round_fen(rent_fen * share), basis)


def of_mileage(
    driven: Sequence[Driven],
    *,
    included_km: int,
    extra_km: int,
    extra_fen_per_km: int,
    from_on: date,
    until_on: date,
) -> Iterator[Proposed]:
    """Kilometres beyond what the rent of [from_on, until_on) includes, vehicle by vehicle added up.

    >>> from datetime import UTC
    >>> def read(km: str) -> Reading:
    ...     return Reading(datetime(2026, 11, 22, tzinfo=UTC), Decimal(km), "hand")
    >>> way = [Driven("A", read("1000"), read("9200.4")), Driven("B", read("500"), read("8500"))]
    >>> [over] = of_mileage(
    ...     way, included_km=15_000, extra_km=1_200, extra_fen_per_km=100,
    ...     from_on=date(2026, 8, 22), until_on=date(2026, 11, 22),
    ... )
    >>> over.amount_fen, over.basis["driven_km"], over.basis["extra_km"]
    (120000, '16200.4', 1200)
    """
    if extra_km <= 0:
        return
    basis = {
        "driven_km": str(driven_km(driven)),
        "included_km": included_km,
        "extra_km": extra_km,
        "extra_fen_per_km": extra_fen_per_km,
        "from_on": from_on.isoformat(),
        "until_on": until_on.isoformat(),
        "vehicles": [
            {"vin": each.vin, "out": each.out.told(), "back": each.back.told()} for each in driven
        ],
    }
    yield Proposed("mileage", "超里程费", extra_km * extra_fen_per_km, basis)


def driven_km(driven: Sequence[Driven]) -> Decimal:
    """How far all vehicles of a line went together."""
    return sum((each.km for each in driven), Decimal(0))
