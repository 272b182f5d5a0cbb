"""The people of a demo: one for every role that is worth trying, at several levels of its tree.

Decides who they are and with which password. It is known to everybody where the database is thrown
away with the demo, and random where it is the caller's own; there they are disabled in the end.
Leaves out the organisations and vehicles (`seed.py`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection

from fleet.identity import service as identity
from fleet.identity.errors import UserNotFound
from fleet.sessions import service as sessions
from guanche.seed import PLATFORM
from schemas.access import SYSTEM, Role

DEMO_PASSWORD: Final = "qingfan-demo"
"""Of a database that ends with the demo, and of no other."""
_DEMO: Final = replace(SYSTEM, name="guanche demo")


class DemoPerson(NamedTuple):
    """Somebody to log in as."""

    login: str
    name: str
    organisation_code: str
    role: Role


PEOPLE: Final = (
    DemoPerson("boss@qingfan", "陈志远", PLATFORM, "owner"),
    DemoPerson("audit@qingfan", "赵敏", PLATFORM, "auditor"),
    DemoPerson("manager@south", "林晓东", "south", "manager"),
    DemoPerson("ops@shenzhen-qianxing", "王建国", "shenzhen-qianxing", "ops"),
    DemoPerson("sales@shenzhen-qianxing", "刘芳", "shenzhen-qianxing", "sales"),
    DemoPerson("finance@shenzhen-qianxing", "周丽华", "shenzhen-qianxing", "finance"),
    DemoPerson("viewer@nanshan", "黄小明", "shenzhen-nanshan", "viewer"),
)


def seed_people(conn: Connection[Any], password: str, now: datetime) -> list[DemoPerson]:
    """Let each of them log in with this password; who can. Run in one transaction.

    Somebody else who has one of the log-ins, in a database that is not ours, keeps it.
    """
    able = [person for person in PEOPLE if _ensure(conn, person, now)]
    for person in able:
        sessions.set_password(conn, _DEMO, login=person.login, password=password, now=now)
    return able


def retire_people(conn: Connection[Any], people: list[DemoPerson], now: datetime) -> None:
    """Bar them from logging in, until a demo lets them in again. Run in one transaction."""
    for person in people:
        _set_disabled(conn, person, now, disabled=True)


def _ensure(conn: Connection[Any], person: DemoPerson, now: datetime) -> bool:
    """Whether the log-in is theirs now."""
    try:
        known = identity.get_user(conn, _DEMO, login=person.login)
    except UserNotFound:
        identity.create_user(
            conn,
            _DEMO,
            login=person.login,
            name=person.name,
            organisation_code=person.organisation_code,
            roles=[person.role],
            key=None,
            now=now,
        )
        return True
    if (known.name, known.organisation_code) != (person.name, person.organisation_code):
        return False
    if known.disabled_at is not None:
        _set_disabled(conn, person, now, disabled=False)
    return True


def _set_disabled(
    conn: Connection[Any], person: DemoPerson, now: datetime, *, disabled: bool
) -> None:
    identity.change_user(
        conn,
        _DEMO,
        login=person.login,
        version=identity.get_user(conn, _DEMO, login=person.login).version,
        changes={"disabled": disabled},
        key=None,
        now=now,
    )
