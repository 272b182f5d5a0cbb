"""The shapes of what stands against an erasure, and of all that is kept of a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Standing:
    """What binds a customer still. `last_ended_at` is when the last lease was over; None: none.

    `open_bill_nos`: bills that are not paid in full; `credit_fen`: money it has with us that
    settles nothing; `deposit_fen`: deposits held.
    """

    lease_nos: list[str]
    undecided_charges: int
    last_ended_at: datetime | None
    open_bill_nos: list[str] = field(default_factory=list)
    credit_fen: int = 0
    deposit_fen: int = 0


@dataclass(frozen=True, slots=True)
class PersonalCopy:
    """A copy of all that is kept of a person, by what it is; values as JSON holds them.

    `erasable_from_on`: the first day on which it may be erased; None while a lease, an undecided
    charge or money stands against it.
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
