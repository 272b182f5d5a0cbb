"""Decides how an idle vehicle is: its battery's condition, when it is looked at next, what to do.

The figures are the parameter `care.idle`, with what differs for the model. A state of charge below
`critical_below_pct` is critical, below `warn_below_pct` a warning. Leaves out which vehicles are
idle, and the order of the list, which the database makes by the same words: `store.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, get_args

from fleet.due import DueStatus, due_status
from fleet.figures import IdleCare
from fleet.maintenance.model import IdleVehicle

Condition = Literal["critical", "warn", "unknown", "ok"]
CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)
"""The most urgent first. What nobody knows comes before what is well."""
SOC_KNOWN_FOR: Final = timedelta(days=7)
"""A terminal that says nothing for a week may have lost its 12 V supply, and what it said of the
battery then is no ground to leave the vehicle alone."""
OVERRIDDEN: Final = (
    "target_from_pct",
    "target_to_pct",
    "warn_below_pct",
    "critical_below_pct",
    "check_every_days",
)
"""Numbers a model may have of its own; and `also`."""


@dataclass(frozen=True, slots=True)
class IdleStanding:
    """An idle vehicle and what is to be done.

    `charge_to_pct` is None where nothing is to be charged. `look_at` is what is looked at beside
    the battery when the check is due. `check_status` is how the next check stands.
    """

    vehicle: IdleVehicle
    idle_days: int
    condition: Condition
    next_check_on: date
    check_status: DueStatus
    charge_to_pct: int | None
    look_at: tuple[str, ...]


def care_of(figures: IdleCare, own: Mapping[str, Any]) -> IdleCare:
    """The figures with what differs for a model."""
    changed = {name: own[name] for name in OVERRIDDEN if own.get(name) is not None}
    if own.get("also") is not None:
        changed["also"] = tuple(own["also"])
    return figures.model_copy(update=changed)


def condition_of(
    soc_pct: float | None, soc_at: datetime | None, care: IdleCare, *, now: datetime
) -> Condition:
    """How the battery is by the last state of charge, if that is not too old."""
    if soc_pct is None or soc_at is None or soc_at < now - SOC_KNOWN_FOR:
        return "unknown"
    if soc_pct < care.critical_below_pct:
        return "critical"
    return "warn" if soc_pct < care.warn_below_pct else "ok"


def next_check_on(idle_since_on: date, last_checked_on: date | None, care: IdleCare) -> date:
    """The last day on which somebody is to look at it.

    A check before it became idle counts as little as one that was never made.
    """
    from_on = max(idle_since_on, last_checked_on or idle_since_on)
    return from_on + timedelta(days=care.check_every_days)


def standing_of(
    vehicle: IdleVehicle, figures: IdleCare, *, now: datetime, today: date
) -> IdleStanding:
    """How the idle vehicle stands and what is to be done."""
    care = care_of(figures, vehicle.care)
    condition = condition_of(vehicle.soc_pct, vehicle.soc_at, care, now=now)
    check_on = next_check_on(vehicle.idle_since_on, vehicle.last_checked_on, care)
    # It may be done any time; it is asked for on its day, not a month ahead as a paper is.
    status = due_status(check_on, check_on, on=today)
    asked = status != "ahead" or condition == "unknown"
    return IdleStanding(
        vehicle=vehicle,
        idle_days=max((today - vehicle.idle_since_on).days, 0),
        condition=condition,
        next_check_on=check_on,
        check_status=status,
        charge_to_pct=care.target_to_pct if condition in ("critical", "warn") else None,
        look_at=care.also if asked else (),
    )
