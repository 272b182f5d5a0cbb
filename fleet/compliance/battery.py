"""Decides what the readings of a battery safety test say (GB/T 44500-2024), and when one is due.

The standard is recommended: whether a test is asked for at all is a figure. Leaves out what a test
says that is not a temperature. A paper's own result stands beside this one and is not changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from fleet.compliance.model import BatteryResult, BatteryTest
from fleet.figures import BatteryTestLimits
from fleet.months import add_months


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A reading above its limit, in °C; `reading` is the field's name."""

    reading: str
    measured_c: Decimal
    limit_c: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the readings say. `unjudged`: readings without a limit for that chemistry."""

    result: BatteryResult
    exceeded: tuple[Exceeded, ...]
    unjudged: tuple[str, ...]


PACK_READINGS: Final = ("charge_max_c", "discharge_max_c")


def judge(test: BatteryTest, chemistry: str | None, limits: BatteryTestLimits) -> Judgement:
    """Compare the readings with the limits; a reading at its limit is within.

    `chemistry` is lfp, nmc, lto, other or None; the pack has limits for the first two only.

    >>> limits = BatteryTestLimits(required=False, every_months=None, lfp_max_c=65, nmc_max_c=60,
    ...                            motor_max_c=175, controller_max_c=95, converter_max_c=95)
    >>> warm = BatteryTest(date(2026, 5, 1), "normal", charge_max_c=Decimal("62.5"))
    >>> judge(warm, "lfp", limits).result, judge(warm, "nmc", limits).result
    ('normal', 'maintain')
    >>> judge(warm, None, limits).unjudged
    ('charge_max_c',)
    """
    exceeded: list[Exceeded] = []
    unjudged: list[str] = []
    for reading, limit_c in _limits_of(chemistry, limits).items():
        measured_c: Decimal | None = getattr(test, reading)
        if measured_c is None:
            continue
        if limit_c is None:
            unjudged.append(reading)
        elif measured_c > Decimal(str(limit_c)):
            exceeded.append(Exceeded(reading, measured_c, limit_c))
    return Judgement("maintain" if exceeded else "normal", tuple(exceeded), tuple(unjudged))


def last_test(tests: Iterable[BatteryTest], *, on: date) -> BatteryTest | None:
    """The last test by that day."""
    done = [each for each in tests if each.tested_on <= on]
    return max(done, key=lambda each: each.tested_on, default=None)


def next_test_on(last: BatteryTest, limits: BatteryTestLimits) -> date | None:
    """The day the next is due, from the last; None: not asked for again.

    >>> limits = BatteryTestLimits(required=False, every_months=3, lfp_max_c=65, nmc_max_c=60,
    ...                            motor_max_c=175, controller_max_c=95, converter_max_c=95)
    >>> next_test_on(BatteryTest(date(2025, 11, 30), "normal"), limits)
    datetime.date(2026, 2, 28)
    """
    if limits.every_months is None:
        return None
    return add_months(last.tested_on, limits.every_months)


def _limits_of(chemistry: str | None, limits: BatteryTestLimits) -> dict[str, float | None]:
    packs = {"lfp": limits.lfp_max_c, "nmc": limits.nmc_max_c}
    pack = packs.get(chemistry or "")
    return {
        **dict.fromkeys(PACK_READINGS, pack),
        "motor_max_c": limits.motor_max_c,
        "controller_max_c": limits.controller_max_c,
        "converter_max_c": limits.converter_max_c,
    }
