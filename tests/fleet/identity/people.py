"""Two tenants with people in them, and what an edge does around a service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.identity.service import create_user
from fleet.orgs.service import create_organisation
from fleet.sessions.service import set_password
from kit.db import act_for
from kit.sealed import SealingKey
from schemas.access import SYSTEM, Actor, permissions_of

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
KEY = SealingKey(bytes(range(32)))
PASSWORD = "correct horse battery"
PHONE = "13812345678"
ID_CARD = "11010519491231002X"
"""The example of GB 11643-1999."""

TREE = [("head", None), ("east", "head"), ("depot", "east"), ("west", "head"), ("rival", None)]
PEOPLE = {
    "owner": ("head", ["owner"]),
    "manager": ("east", ["manager"]),
    "ops": ("depot", ["ops"]),
    "auditor": ("head", ["auditor"]),
    "westerner": ("west", ["manager"]),
    "stranger": ("rival", ["owner"]),
}
"""Log-in -> organisation and roles. None has a password but `manager` and `ops`."""


def later(**lengths: float) -> datetime:
    """So long after NOW."""
    return NOW + timedelta(**lengths)


@dataclass(frozen=True)
class People:
    """Who is there, as actors stepped up, and the ids of the organisations."""

    actors: dict[str, Actor]
    organisations: dict[str, int]

    def __getitem__(self, login: str) -> Actor:
        return self.actors[login]


def settle(conn: Connection[Any]) -> People:
    """Make everybody, committed, so that the application's own connection sees them."""
    ids = {
        code: create_organisation(
            conn, SYSTEM, code=code, name=code.title(), parent_code=parent, now=NOW
        ).id
        for code, parent in TREE
    }
    actors = {}
    for login, (code, roles) in PEOPLE.items():
        create_user(
            conn,
            SYSTEM,
            login=login,
            name=login.title(),
            organisation_code=code,
            roles=roles,
            key=None,
            now=NOW,
        )
        granted = permissions_of(frozenset(roles))
        actors[login] = Actor("person", login, ids[code], code, granted, True, "10.0.0.1", "r1")
    for login in ("manager", "ops"):
        set_password(conn, SYSTEM, login=login, password=PASSWORD, now=NOW)
    conn.commit()
    return People(actors, ids)


@contextmanager
def acting(conn: Connection[Any], actor: Actor) -> Iterator[Actor]:
    """One transaction for this actor, as the API opens it; what was read before it has ended."""
    conn.rollback()
    with conn.transaction():
        if actor.organisation_id is not None:
            act_for(conn, [actor.organisation_id])
        yield actor


def not_stepped_up(actor: Actor) -> Actor:
    """The same person, whose password was not asked for again."""
    return replace(actor, stepped_up=False)


def trail(conn: Connection[Any], action: str) -> list[tuple[str, str, Any, Any]]:
    """Who did this, to which object, before and after; oldest first."""
    return conn.execute(
        "SELECT actor_name, object_key, before, after FROM audit_entries WHERE action = %s"
        " ORDER BY at, organisation_id, no",
        [action],
    ).fetchall()


def column(conn: Connection[Any], login: str, name: str) -> Any:
    """What a column of a person holds."""
    row = conn.execute(f"SELECT {name} FROM users WHERE login = %s", [login]).fetchone()
    assert row is not None
    return row[0]
