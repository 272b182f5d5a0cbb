"""Decides which vehicles a list or a count is of, what each of them does, and their order.

What a vehicle does is one of five words, the first that fits:

* `never_heard`: nothing of it was heard, or nothing in the time it is yours;
* `offline`: it said so, or was not heard for the time-out;
* `moving`: faster than MOVING_ABOVE_KMH, charging or not;
* `charging`: the charge state is one of CHARGING_STATES;
* `parked`: everything else that is heard.

So the five add up to all. Leaves out how it is asked of the database: `store.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, get_args

State = Literal["moving", "parked", "charging", "offline", "never_heard"]
STATES: Final[tuple[State, ...]] = get_args(State)
HEARD: Final[tuple[State, ...]] = ("moving", "parked", "charging")
"""What a vehicle that is online does."""

Sort = Literal["vin", "plate", "-last_heard_at", "soc_pct", "-soc_pct", "-odometer_km"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
"""A hyphen is descending. Vehicles of which the quantity is unknown come last either way."""
KIND_OF_SORT: Final[Mapping[Sort, type]] = {
    "vin": str,
    "plate": str,
    "-last_heard_at": datetime,
    "soc_pct": float,
    "-soc_pct": float,
    "-odometer_km": float,
}
STATE_SORTS: Final[frozenset[Sort]] = frozenset(SORTS) - {"vin", "plate"}
"""Those for which every vehicle's latest state has to be read."""

FULL_SOC_PCT: Final = 100.0


class Place(NamedTuple):
    """A place in a sorted list: after the vehicle with this sort key and this VIN."""

    key: str | float | datetime | None
    vin: str


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """Which vehicles; None is all. What is asked of the latest state leaves out the unknown.

    `organisation_code` is that of the present operator, or of one above it. A state of charge is
    wanted in [soc_min_pct, soc_below_pct), where 100 lets the full ones in. `search` is a part of
    the VIN, the plate or the model. `former` adds the vehicles operated in the past.
    """

    organisation_code: str | None = None
    state: State | None = None
    online: bool | None = None
    soc_min_pct: float | None = None
    soc_below_pct: float | None = None
    alarm_min: int | None = None
    search: str | None = None
    former: bool = False

    @property
    def asks_state(self) -> bool:
        """Whether the latest states have to be read to answer."""
        of_state = (self.state, self.online, self.soc_min_pct, self.soc_below_pct, self.alarm_min)
        return any(wanted is not None for wanted in of_state)
