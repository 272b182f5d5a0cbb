"""Leases written straight into the tables of a fleet of `seen.py`, as the book of leases would."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from psycopg.types.json import Jsonb
from psycopg.types.range import TimestamptzRange

from fleet.leasing.terms import Line, Term, Terms
from fleet.local_days import begin_of

from .seen import BEFORE, Fleet


@dataclass(frozen=True)
class Written:
    """A lease as it was written."""

    id: int
    lease_no: str
    customer_no: str


class Leases:
    """Writes leases of a fleet's organisations: `leases.of("east", …)`."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._numbers = count(100_001)

    def of(
        self,
        code: str,
        *,
        starts_on: date = date(2026, 2, 1),
        ends_on: date | None = None,
        state: str = "active",
        ended_at: datetime | None = None,
        **terms: Any,
    ) -> Written:
        """A running lease of one vehicle, with its customer."""
        number = str(next(self._numbers)).replace("0", "A").replace("1", "B")
        mine = {"tenant_id": self._tenant(code), "organisation_id": self._organisation(code)}
        customer_no, lease_no = f"C2602-{number}", f"L2602-{number}"
        customer = {"kind": "company", "name": f"客户{number}", "customer_no": customer_no}
        self.fleet.insert("customers", **mine, **customer, created_by="lin", created_at=BEFORE)
        agreed = Terms(
            kind="long", starts_on=starts_on, term=Term(), lines=(Line(no=1, rent_fen=250_000),)
        ).model_copy(update=terms)
        content = Jsonb(agreed.model_dump(mode="json"))
        signed_at = begin_of(starts_on)
        self.fleet.insert(
            "leases",
            **mine,
            lease_no=lease_no,
            customer_id=self._id("customers", "customer_no", customer_no),
            kind="long",
            state=state,
            terms=content,
            starts_on=starts_on,
            ends_on=ends_on,
            signed_at=signed_at,
            started_at=signed_at,
            ended_at=ended_at,
            last_event_no=1,
            created_by="lin",
            created_at=BEFORE,
        )
        lease_id = self._id("leases", "lease_no", lease_no)
        self.fleet.insert(
            "lease_events",
            **mine,
            lease_id=lease_id,
            no=1,
            kind="signed",
            happened_at=signed_at,
            content=Jsonb({}),
            recorded_by="lin",
            recorded_at=signed_at,
        )
        self.fleet.insert(
            "lease_versions",
            **mine,
            lease_id=lease_id,
            no=1,
            event_no=1,
            effective_on=starts_on,
            terms=content,
        )
        return Written(lease_id, lease_no, customer_no)

    def had(
        self,
        lease: Written,
        vehicle: str,
        from_at: datetime,
        until_at: datetime | None,
        *,
        line_no: int = 1,
    ) -> None:
        """The lease had the vehicle in [from_at, until_at)."""
        self.fleet.insert(
            "lease_segments",
            **self._of(lease),
            line_no=line_no,
            vehicle_id=self.fleet.vehicle_ids[vehicle],
            let_period=TimestamptzRange(from_at, until_at),
            from_event_no=1,
        )

    def promise(
        self,
        lease: Written,
        vehicle: str,
        from_at: datetime,
        until_at: datetime | None,
        *,
        line_no: int = 1,
    ) -> None:
        """The vehicle is promised to the lease in [from_at, until_at)."""
        self.fleet.insert(
            "lease_bookings",
            **self._of(lease),
            line_no=line_no,
            vehicle_id=self.fleet.vehicle_ids[vehicle],
            booked_period=TimestamptzRange(from_at, until_at),
        )

    def end(self, lease: Written, at: datetime) -> None:
        """The lease has ended, and its vehicle came back, at that instant."""
        self.fleet.conn.execute(
            "UPDATE leases SET state = 'ended', ended_at = %s WHERE id = %s", [at, lease.id]
        )
        self.fleet.conn.execute(
            "UPDATE lease_segments SET let_period = tstzrange(lower(let_period), %s)"
            " WHERE lease_id = %s AND upper_inf(let_period)",
            [at, lease.id],
        )

    def _of(self, lease: Written) -> dict[str, Any]:
        row = self.fleet.conn.execute(
            "SELECT tenant_id, organisation_id FROM leases WHERE id = %s", [lease.id]
        ).fetchone()
        assert row is not None
        return {"tenant_id": row[0], "organisation_id": row[1], "lease_id": lease.id}

    def _organisation(self, code: str) -> int:
        return self.fleet.organisation_ids[code]

    def _tenant(self, code: str) -> int:
        row = self.fleet.conn.execute(
            "SELECT tenant_id FROM organisations WHERE code = %s", [code]
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _id(self, table: str, column: str, value: str) -> int:
        found = self.fleet.conn.execute(
            f"SELECT id FROM {table} WHERE {column} = %s".encode(), [value]
        ).fetchone()
        assert found is not None
        return int(found[0])


__all__ = ["Leases", "Written"]
