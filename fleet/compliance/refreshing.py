"""Decides which rows of obligations differ from what follows from the papers.

Leaves out what follows (`papers.py`) and how rows are read and written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fleet.compliance.model import Obligation, ObligationKind

Place = tuple[int, str, str]
"""Vehicle, kind, reference."""


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """An obligation as it is kept; one that is not open does not hold any more."""

    vehicle_id: int
    tenant_id: int
    kind: ObligationKind
    reference: str
    is_open: bool
    due_on: date | None
    due_at: datetime | None
    window_from_on: date | None
    facts: dict[str, Any]

    @property
    def place(self) -> Place:
        """What there is one of."""
        return self.vehicle_id, self.kind, self.reference

    def facts_told(self) -> dict[str, Any]:
        """What it says, for a person to compare."""
        dates = {
            "due_on": self.due_on,
            "due_at": self.due_at,
            "window_from_on": self.window_from_on,
        }
        told = {name: None if day is None else day.isoformat() for name, day in dates.items()}
        return {**told, "facts": self.facts}

    def obligation(self) -> Obligation:
        """As the papers speak of it."""
        return Obligation(
            kind=self.kind,
            due_on=self.due_on,
            due_at=self.due_at,
            window_from_on=self.window_from_on,
            reference=self.reference,
            facts=self.facts,
        )


def row_of(obligation: Obligation, *, vehicle_id: int, tenant_id: int) -> ObligationRow:
    """The open row of an obligation."""
    return ObligationRow(
        vehicle_id=vehicle_id,
        tenant_id=tenant_id,
        kind=obligation.kind,
        reference=obligation.reference,
        is_open=True,
        due_on=obligation.due_on,
        due_at=obligation.due_at,
        window_from_on=obligation.window_from_on,
        facts=obligation.facts,
    )


def differing(
    follows: Iterable[ObligationRow], kept: Mapping[Place, ObligationRow]
) -> list[ObligationRow]:
    """The rows to write: new ones, changed ones, and open ones from which nothing follows any more.

    In the order of their places, so that two who write lock in the same order.
    """
    by_place = {row.place: row for row in follows}
    rows = [row for place, row in by_place.items() if kept.get(place) != row]
    rows += [
        replace(row, is_open=False)
        for place, row in kept.items()
        if row.is_open and place not in by_place
    ]
    return sorted(rows, key=lambda row: row.place)
