"""What every part of the API's bench needs to know: who may ask, their tokens, and every vehicle.

Read as the owner of the database, and so apart from the barrier whose answers it judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from psycopg import Connection

from bench.api_fleet import login_of, organisation_codes
from bench.api_server import ApiRig
from bench.rig import SQL
from kit import clock
from kit.tokens import digest_of, new_token

SESSIONS_A_USER: Final = 4


class Vehicle(NamedTuple):
    """A vehicle as its owner knows it."""

    id: int
    vin: str
    plate: str
    model: str
    version: int
    operator_id: int
    operator_code: str
    former_id: int | None
    """Who had it before it changed hands."""


@dataclass(slots=True)
class Asker:
    """An organisation's user: what it sees, and the sessions it has."""

    code: str
    organisation_id: int
    sees: frozenset[int]
    """The organisation and all below."""
    tokens: list[str]


@dataclass
class Scene:
    """The rig with everybody in it."""

    rig: ApiRig
    askers: dict[str, Asker]
    """By the code of the organisation."""
    fleet: list[Vehicle]
    """Those that send most first."""

    @cached_property
    def operator_id_of(self) -> dict[str, int]:
        """Who operates a vehicle now, by VIN."""
        return {vehicle.vin: vehicle.operator_id for vehicle in self.fleet}

    @property
    def quick(self) -> list[Vehicle]:
        """Those with a sample every 10 s."""
        return self.fleet[: self.rig.dataset.cohorts[0].vehicles]

    @property
    def busy(self) -> list[Vehicle]:
        """Those with a sample every 30 s."""
        quick, busy, _ = self.rig.dataset.cohorts
        return self.fleet[quick.vehicles : quick.vehicles + busy.vehicles]

    def operator_of(self, vehicle: Vehicle) -> Asker:
        """The operator's user, of the level above the depots, that sees the vehicle now."""
        return next(
            asker
            for code, asker in self.askers.items()
            if code.startswith("operator-") and vehicle.operator_id in asker.sees
        )

    def operated_by(self, asker: Asker) -> list[Vehicle]:
        """What it, or those below it, operate now."""
        return [vehicle for vehicle in self.fleet if vehicle.operator_id in asker.sees]

    def refresh_states(self) -> None:
        """All that are online have just been heard, so that what is asked next finds them so."""
        with self.rig.connect() as conn:
            conn.execute(SQL.refresh_states, {"now": clock.now()})


def read_scene(rig: ApiRig) -> Scene:
    """Give everybody sessions, and read the rest."""
    with rig.connect() as conn:
        askers = read_askers(conn)
        fleet = [Vehicle(*row) for row in conn.execute(SQL.list_fleet).fetchall()]
    return Scene(rig, askers, fleet)


def read_askers(conn: Connection[Any]) -> dict[str, Asker]:
    """Every organisation's user by its code, with new sessions."""
    tokens = _give_sessions(conn, [code for code, _ in organisation_codes()])
    return {
        code: Asker(code, organisation_id, frozenset(sees), tokens[code])
        for code, organisation_id, sees in conn.execute(SQL.list_subtrees).fetchall()
    }


def _give_sessions(conn: Connection[Any], codes: Sequence[str]) -> dict[str, list[str]]:
    tokens = {code: [new_token() for _ in range(SESSIONS_A_USER)] for code in codes}
    pairs = [(login_of(code), digest_of(token)) for code in codes for token in tokens[code]]
    conn.execute(
        SQL.insert_sessions,
        {
            "now": clock.now(),
            "logins": [login for login, _ in pairs],
            "digests": [digest for _, digest in pairs],
        },
    )
    return tokens
