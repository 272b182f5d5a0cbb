"""Two tenants and the people in them, as the API's tests use them.

    alpha (root)                       omega (root)
      alpha-south                        omega-depot
        alpha-depot
      alpha-north (sibling of south)

Every organisation has a user of every role, `<organisation>.<role>`, all with PASSWORD.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from psycopg import Connection

from fleet.devices.service import bind_device, register_device
from fleet.identity.service import create_user
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry.service import add_vehicle, assign_operator
from fleet.sessions.passwords import hash_password
from kit.sealed import SealingKey
from schemas.access import ROLES, SYSTEM

PASSWORD: Final = "Kiln-lantern-42"
KEY_TEXT: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
KEY: Final = SealingKey.from_text(KEY_TEXT)
LONG_AGO: Final = datetime.now(UTC) - timedelta(days=60)
"""When the vehicles joined."""

TREE: Final = (
    ("alpha", None),
    ("alpha-south", "alpha"),
    ("alpha-north", "alpha"),
    ("alpha-depot", "alpha-south"),
    ("omega", None),
    ("omega-depot", "omega"),
)
VINS: Final = {
    "alpha-depot": "LSGPC52U6AF102554",
    "alpha-north": "LDC613P23A1305189",
    "omega-depot": "LNBYGYFJ1SS000001",
}
"""Who operates which vehicle; the root of each tree owns it."""
SERIALS: Final = {"alpha-depot": "TA-1", "alpha-north": "TA-2", "omega-depot": "TO-1"}


@cache
def password_hash() -> str:
    """The hash of PASSWORD, calculated once: it takes 40 ms, and there are many people."""
    return hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class World:
    """The ids of what was made."""

    organisation_ids: dict[str, int]
    vehicle_ids: dict[str, int]
    device_ids: dict[str, int]


def build_world(conn: Connection[Any], *, roles: tuple[str, ...] = ROLES) -> World:
    """Make both tenants; `conn` is the owner's, and commits."""
    organisation_ids, vehicle_ids, device_ids = {}, {}, {}
    for code, parent in TREE:
        made = create_organisation(
            conn, SYSTEM, code=code, name=f"名 {code}", parent_code=parent, now=LONG_AGO
        )
        organisation_ids[code] = made.id
    for code, _ in TREE:
        for role in roles:
            login = f"{code}.{role}"
            create_user(
                conn,
                SYSTEM,
                login=login,
                name=f"人 {login}",
                organisation_code=code,
                roles=[role],
                phone="13812345678",
                id_card="11010519491231002X",
                key=KEY,
                now=LONG_AGO,
            )
    conn.execute(
        "UPDATE users SET password_hash = %s, password_changed_at = %s", [password_hash(), LONG_AGO]
    )
    for operator, vin in VINS.items():
        root = operator.partition("-")[0]
        vehicle = add_vehicle(
            conn, SYSTEM, vin=vin, plate=None, model=f"型 {operator}", owner_code=root, now=LONG_AGO
        )
        assign_operator(
            conn, SYSTEM, vin=vin, organisation_code=operator, at=LONG_AGO, now=LONG_AGO
        )
        serial = SERIALS[operator]
        device = register_device(conn, SYSTEM, serial=serial, owner_code=root, now=LONG_AGO)
        bind_device(conn, SYSTEM, serial=serial, vin=vin, at=LONG_AGO, now=LONG_AGO)
        vehicle_ids[operator], device_ids[operator] = vehicle.id, device.id
    assert get_organisation(conn, SYSTEM, code="omega").tenant_id == organisation_ids["omega"]
    conn.commit()
    return World(organisation_ids, vehicle_ids, device_ids)
