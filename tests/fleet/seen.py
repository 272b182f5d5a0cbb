"""A fleet whose vehicles change hands, and who sees what of it.

    head (owns A, B, C)                    other (owns X)
      east      A until 12:00, then west's; W, which west owns
        east-depot   C
      west      A from 12:00 on; B

Telemetry is written as ingest writes it, with the operator of the sample's time on each row.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection, sql

from fleet.devices.service import bind_device, register_device
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle, assign_operator, list_operator_periods
from ingest.storage import open_storage
from kit import db
from schemas.access import PERMISSIONS, SYSTEM, Actor, permissions_of

from .conftest import at

VINS = {
    "A": "LSGPC52U6AF102554",
    "B": "LDC613P23A1305189",
    "C": "LE4TG4DB1JL199517",
    "W": "LNBYGYFJ1SS000001",
    "X": "LSVNV2187E2100001",
}
TRANSFER_AT = at(12)
NOW = at(18)
BEFORE = NOW - timedelta(days=9)
"""When everything joined."""
ORGANISATIONS = {
    "head": None,
    "east": "head",
    "west": "head",
    "east-depot": "east",
    "other": None,
}
FIRST_HOLDER = {"A": "east", "B": "west", "C": "east-depot", "W": "east", "X": "other"}
OWNER = {"A": "head", "B": "head", "C": "head", "W": "west", "X": "other"}


@dataclass
class Fleet:
    """What was made, and two connections: the owner's to write, the application's to look."""

    conn: Connection[Any]
    app_conn: Connection[Any]
    organisation_ids: dict[str, int] = field(default_factory=dict)
    vehicle_ids: dict[str, int] = field(default_factory=dict)
    device_ids: dict[str, int] = field(default_factory=dict)

    def sample(self, vehicle: str, ts: datetime, *, seq: int = 0, **readings: object) -> None:
        """A sample with the operator of its time on it."""
        self.insert(
            "telemetry",
            vehicle_id=self.vehicle_ids[vehicle],
            device_id=self.device_ids[vehicle],
            operator_id=self.operator_of(vehicle, ts),
            ts=ts,
            seq=seq,
            received_at=ts + timedelta(seconds=2),
            **{"fix": True} | readings,
        )

    def state(self, vehicle: str, ts: datetime, **readings: object) -> None:
        """A latest state, heard at `ts`."""
        self.insert(
            "vehicle_state",
            vehicle_id=self.vehicle_ids[vehicle],
            device_id=self.device_ids[vehicle],
            operator_id=self.operator_of(vehicle, ts),
            ts=ts,
            **{"online": True, "last_heard_at": ts} | readings,
        )

    def refusal(self, number: int, serial: str, first_at: datetime, **fields: object) -> None:
        """Something that was refused."""
        usual = {
            "reason": "bad_json",
            "detail": "",
            "topic": f"v1/{serial}/up/telemetry",
            "raw": b'{"lat": 22.5',
            "last_received_at": first_at,
        }
        self.insert(
            "ingest_rejects",
            digest=number.to_bytes(4),
            device_serial=serial,
            received_at=first_at,
            **usual | fields,
        )

    def insert(self, table: str, **row: object) -> None:
        """One row of what only ingest writes."""
        self.conn.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(map(sql.Placeholder, row)),
            ),
            row,
        )

    def operator_of(self, vehicle: str, ts: datetime) -> int | None:
        """Who operated it then."""
        for period in list_operator_periods(self.conn, SYSTEM, vin=VINS[vehicle]):
            if period.from_at <= ts and (period.until_at is None or ts < period.until_at):
                assert period.organisation_code is not None
                return self.organisation_ids[period.organisation_code]
        return None

    @contextmanager
    def as_member(self, *codes: str) -> Iterator[Connection[Any]]:
        """The application's connection while a member of these organisations asks."""
        self.conn.commit()
        with self.app_conn.transaction():
            if codes:
                db.act_for(self.app_conn, [self.organisation_ids[code] for code in codes])
            yield self.app_conn

    def actor(self, code: str, permissions: Sequence[str] | None = None) -> Actor:
        """A member with all permissions, or with these."""
        allowed = frozenset(PERMISSIONS if permissions is None else permissions)
        return Actor("person", f"{code}.anybody", self.organisation_ids[code], code, allowed)

    def member(self, code: str, role: str) -> Actor:
        """A member with a role."""
        return self.actor(code, sorted(permissions_of({role})))


def build_fleet(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet as above, ready for telemetry in chunks of a day."""
    made = Fleet(conn, app_conn)
    for code, parent in ORGANISATIONS.items():
        created = create_organisation(
            conn, SYSTEM, code=code, name=f"名 {code}", parent_code=parent, now=BEFORE
        )
        made.organisation_ids[code] = created.id
    for number, (letter, vin) in enumerate(VINS.items(), start=1):
        vehicle = add_vehicle(
            conn,
            SYSTEM,
            vin=vin,
            plate=f"粤BD1234{number}",
            model=f"Model {letter}",
            owner_code=OWNER[letter],
            operator_code=FIRST_HOLDER[letter],
            now=BEFORE,
        )
        device = register_device(
            conn, SYSTEM, serial=f"T-{letter}", owner_code=OWNER[letter], now=BEFORE
        )
        bind_device(conn, SYSTEM, serial=device.serial, vin=vin, at=BEFORE, now=BEFORE)
        made.vehicle_ids[letter], made.device_ids[letter] = vehicle.id, device.id
    assign_operator(
        conn, SYSTEM, vin=VINS["A"], organisation_code="west", at=TRANSFER_AT, now=TRANSFER_AT
    )
    open_storage(conn, chunk_hours=24).ensure(conn, NOW)
    conn.commit()
    return made
