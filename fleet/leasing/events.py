"""What can happen to a lease once it is signed, as it is written down and read again.

Each event says when it takes effect. A day counts in the zone of the lease's organisation. The book
follows from the events alone, in their order (`book.py`).
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from fleet.leasing.terms import Terms


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    happened_at: AwareDatetime
    """When it takes effect."""


class Signed(_Event):
    """Both sides agreed; the first version of the terms, in force from its start day.

    `vehicles`: of the lines that name a vehicle, by the line's number, which it is. Those are
    promised from now on.
    """

    kind: Literal["signed"] = "signed"
    terms: Terms
    vehicles: dict[int, int] = Field(default_factory=dict)


class HandedOut(_Event):
    """A vehicle fills a line that never had one. The first of a lease makes it active.

    `starts_on`: the lease begins on another day than was agreed, and its end moves along.
    """

    kind: Literal["handed_out"] = "handed_out"
    line_no: int
    vehicle_id: int
    starts_on: date | None = None


class Swapped(_Event):
    """换车: another vehicle takes the place of the one that fills the line, at that minute."""

    kind: Literal["swapped"] = "swapped"
    line_no: int
    vehicle_id: int
    reason: str


class TakenBack(_Event):
    """The vehicle of a line came back for good. With the last one the lease has ended, unless a
    line is still to be filled."""

    kind: Literal["taken_back"] = "taken_back"
    line_no: int


class Amended(_Event):
    """Other terms from a day on.

    `vehicles`: as of `Signed`, for lines that are still to be filled. A line that names the same
    vehicle as before keeps it without a word.
    """

    kind: Literal["amended"] = "amended"
    effective_on: date
    terms: Terms
    reason: str
    vehicles: dict[int, int] = Field(default_factory=dict)


class Extended(_Event):
    """The term runs on, in the terms that are in force; None: open-ended from now on."""

    kind: Literal["extended"] = "extended"
    ends_on: date | None
    reason: str | None = None


class Suspended(_Event):
    """The lease, or one line of it, rests from a day on; `credited`: no rent for these days."""

    kind: Literal["suspended"] = "suspended"
    from_on: date
    line_no: int | None = None
    credited: bool
    reason: str


class Resumed(_Event):
    """It goes on from this day: the first that is not suspended any more."""

    kind: Literal["resumed"] = "resumed"
    on: date
    line_no: int | None = None


class LineDropped(_Event):
    """A line that was never filled shall not be filled any more."""

    kind: Literal["line_dropped"] = "line_dropped"
    line_no: int
    reason: str


class Terminated(_Event):
    """Ended before its time by one side, on a clause; vehicles still out are to come back."""

    kind: Literal["terminated"] = "terminated"
    by: Literal["lessor", "lessee", "both"]
    clause: str | None
    reason: str


class BoughtOut(_Event):
    """The lessee owns the vehicles now; their segments end."""

    kind: Literal["bought_out"] = "bought_out"


class Cancelled(_Event):
    """Signed, and never begun."""

    kind: Literal["cancelled"] = "cancelled"
    reason: str


Event = Annotated[
    Signed
    | HandedOut
    | Swapped
    | TakenBack
    | Amended
    | Extended
    | Suspended
    | Resumed
    | LineDropped
    | Terminated
    | BoughtOut
    | Cancelled,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event from the row it was written to."""
