"""Who there is in the API's bench: a company of 240 organisations, its fleet, one user for each.

Decides the tree (head office, 5 regional centres, 39 operators, 195 depots), who operates which
vehicle, and that some vehicles change hands within the loaded days, so that the barrier has
something to hold back. Leaves out what the vehicles report (`api_dataset.py`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from bench.rig import SQL
from fleet.devices.model import FleetEntry
from fleet.devices.service import add_fleet
from fleet.identity.service import create_user
from fleet.orgs.service import create_organisation
from schemas.access import SYSTEM
from simulators.roster import fleet_roster

ROOT: Final = "head-office"
REGIONS: Final = 5
OPERATORS: Final = 39
DEPOTS: Final = 195
ORGANISATIONS: Final = 1 + REGIONS + OPERATORS + DEPOTS
JOINED_AGO: Final = timedelta(days=90)
HANDED_OVER_EVERY: Final = 97
"""One vehicle of so many changes hands."""


def organisation_codes() -> Iterator[tuple[str, str | None]]:
    """Every organisation and the one above it, from the root downwards."""
    yield ROOT, None
    yield from ((region_of(n), ROOT) for n in range(REGIONS))
    yield from ((operator_of(n), region_of(n % REGIONS)) for n in range(OPERATORS))
    yield from ((depot_of(n), operator_of(n % OPERATORS)) for n in range(DEPOTS))


def region_of(number: int) -> str:
    """Code of a regional centre, from 0."""
    return f"region-{number % REGIONS + 1}"


def operator_of(number: int) -> str:
    """Code of an operator, from 0.

    >>> operator_of(0)
    'operator-01'
    """
    return f"operator-{number % OPERATORS + 1:02d}"


def depot_of(number: int) -> str:
    """Code of a depot, from 0; vehicle number n begins at `depot_of(n)`."""
    return f"depot-{number % DEPOTS + 1:03d}"


def login_of(code: str) -> str:
    """The log-in of the organisation's user."""
    return f"{code}.ops"


def register_fleet(
    conn: Connection[Any], *, vehicles: int, seed: int, now: datetime, handed_over_at: datetime
) -> None:
    """Organisations, users, vehicles with devices and operators. Run in one transaction."""
    joined_at = now - JOINED_AGO
    for code, parent in organisation_codes():
        create_organisation(
            conn, SYSTEM, code=code, name=f"青帆 {code}", parent_code=parent, now=joined_at
        )
        create_user(
            conn,
            SYSTEM,
            login=login_of(code),
            name=f"运维 {code}",
            organisation_code=code,
            roles=["owner" if code == ROOT else "ops"],
            key=None,
            now=joined_at,
        )
    entries = [
        FleetEntry(
            vin=entry.vin,
            plate=entry.plate,
            serial=entry.device_id,
            owner_code=ROOT,
            operator_code=depot_of(number),
        )
        for number, entry in enumerate(fleet_roster(vehicles, seed))
    ]
    add_fleet(conn, SYSTEM, entries, at=joined_at)
    conn.execute(SQL.set_vehicle_models)
    conn.execute(SQL.end_handed_over, {"at": handed_over_at, "every": HANDED_OVER_EVERY})
    conn.execute(SQL.begin_handed_over, {"at": handed_over_at})
