"""The shapes of what stands against an erasure, and of all that is kept of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Standing:
    """What binds a customer still. `last_ended_at` is when the last lease was over; None: none."""

    lease_nos: list[str]
    undecided_charges: int
    last_ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonalCopy:
    """A copy of all that is kept of a person, by what it is; values as JSON holds them.

    `erasable_from_on`: the first day on which it may be erased; None while a lease or an undecided
    charge stands against it.
    """

    customer_no: str
    made_at: datetime
    erasable_from_on: date | None
    parts: Mapping[str, list[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased."""

    customer_no: str
    erased_at: datetime
    customer_nos: list[str]
    """It and those that were merged into it."""
    files_withdrawn: int
    sheet_rows_emptied: int
