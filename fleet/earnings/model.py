"""The shapes of earnings: which kinds of lines earn something, and what a group of them came to."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Group = Literal["month", "organisation", "vehicle", "model", "kind"]
Origin = Literal["rent", "recharge", "purchase"]

RENT: Final = ("rent", "late_return")
RECHARGES: Final = (
    "mileage",
    "damage",
    "missing",
    "cleaning",
    "energy",
    "package",
    "early_end",
    "late_fee",
    "other",
)
PURCHASES: Final = ("down_payment", "buy_out")
EARNING: Final = (*RENT, *RECHARGES, *PURCHASES)
"""Kinds of bill lines that earn something. Deposits, fines and costs passed on, and what was owed
from before do not."""


BY_DAY: Final = ("rent", "late_return", "cleaning", "package", "other")
"""Of these, what is for days is earned on them; the rest when it is billed.

The database says both, too, where it keeps what is earned (`write_earned_parts`)."""


@dataclass(frozen=True, slots=True)
class Earned:
    """Fen net of VAT of one group; what it is not grouped by is None.

    `vehicle_id` None where grouped by vehicle: lines of no single vehicle, such as late fees.
    """

    net_fen: int
    month_on: date | None = None
    organisation_id: int | None = None
    vehicle_id: int | None = None
    model: str | None = None
    kind: str | None = None


def origin_of(kind: str) -> Origin:
    """Whether a line of this kind is rent, charged on, or the price of the vehicle.

    >>> origin_of("late_return"), origin_of("mileage"), origin_of("buy_out")
    ('rent', 'recharge', 'purchase')
    """
    if kind in RENT:
        return "rent"
    return "purchase" if kind in PURCHASES else "recharge"
