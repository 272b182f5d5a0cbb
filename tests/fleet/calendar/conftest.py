"""Vehicles whose papers, work and care fall due, on a real database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.calendar.model import DueItem
from fleet.calendar.service import DueFilter, Place, list_obligations
from schemas.access import Actor

from ..seen import BEFORE, Fleet, build_fleet

ASKED_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
TODAY = date(2026, 3, 2)
Paper = Callable[..., None]
Listed = Callable[..., list[DueItem]]


def day(offset: int) -> date:
    """That many days from today."""
    return TODAY + timedelta(days=offset)


@dataclass
class Papers:
    """Writes what the slices of papers, work and care would have written."""

    fleet: Fleet

    def owe(self, vehicle: str, kind: str, due_on: date | None, **rest: Any) -> None:
        """An obligation."""
        facts = Jsonb(rest.pop("facts", {}))
        self.fleet.insert(
            "obligations",
            tenant_id=self._tenant(vehicle),
            vehicle_id=self.fleet.vehicle_ids[vehicle],
            kind=kind,
            due_on=due_on,
            facts=facts,
            refreshed_at=BEFORE,
            **{"is_open": True} | rest,
        )

    def order(self, vehicle: str, number: str, by: str, due_on: date | None, **rest: Any) -> None:
        """A work order of an organisation."""
        usual = {"kind": "repair", "state": "open", "priority": "normal", "title": f"修 {number}"}
        self.fleet.insert(
            "work_orders",
            tenant_id=self._tenant(vehicle),
            organisation_id=self.fleet.organisation_ids[by],
            number=number,
            vehicle_id=self.fleet.vehicle_ids[vehicle],
            due_on=due_on,
            opened_by="lin",
            opened_at=BEFORE,
            **usual | rest,
        )

    def stage(self, vehicle: str, stage: str) -> None:
        """The stage it has been at since it joined."""
        self.fleet.conn.execute(
            "UPDATE vehicle_stages SET stage = %s WHERE vehicle_id = %s",
            [stage, self.fleet.vehicle_ids[vehicle]],
        )

    def let_all(self) -> None:
        """No vehicle is idle."""
        for vehicle in self.fleet.vehicle_ids:
            self.stage(vehicle, "let")

    def _tenant(self, vehicle: str) -> int:
        row = self.fleet.conn.execute(
            "SELECT tenant_id FROM vehicles WHERE id = %s", [self.fleet.vehicle_ids[vehicle]]
        ).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def fleet(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """Vehicles that change hands, as `seen.py` draws them; all are let."""
    made = build_fleet(conn, app_conn)
    Papers(made).let_all()
    return made


@pytest.fixture
def papers(fleet: Fleet) -> Papers:
    """What falls due is written with this."""
    return Papers(fleet)


@pytest.fixture
def listed(fleet: Fleet) -> Listed:
    """What a member of an organisation is told: `listed("head", kinds=("inspection",))`."""

    def ask(
        code: str,
        *,
        actor: Actor | None = None,
        after: Place | None = None,
        limit: int = 500,
        now: datetime = ASKED_AT,
        **wanted: Any,
    ) -> list[DueItem]:
        with fleet.as_member(code) as conn:
            asking = actor or fleet.actor(code)
            found = DueFilter(**wanted)
            return list_obligations(conn, asking, found, after=after, limit=limit, now=now)

    return ask
