"""Decides what a session or a key makes of whoever shows it, and whether it still holds."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from fleet.sessions.model import Machine, Person, ResetLink, Session, SessionKind, StoredKey
from schemas.access import MACHINE_PERMISSIONS, Actor, permissions_of

SEEN_EVERY: Final = timedelta(minutes=1)
USER_AGENT_LENGTH: Final = 200


def is_stale(last: datetime | None, now: datetime) -> bool:
    """Whether a time of last use is old enough to be written anew."""
    return last is None or now - last >= SEEN_EVERY


def holds(session: Session, *, now: datetime, idle_s: int) -> bool:
    """Whether a session has neither expired nor been unused for too long."""
    return now < session.expires_at and now - session.last_seen_at < timedelta(seconds=idle_s)


def person_of(
    session: Session, *, now: datetime, step_up_s: int, ip: str | None, request_id: str | None
) -> Actor:
    """The person, stepped up if they gave their password again within `step_up_s`."""
    at = session.stepped_up_at
    return Actor(
        kind="person",
        name=session.login,
        organisation_id=session.organisation_id,
        organisation_code=session.organisation_code,
        permissions=permissions_of(frozenset(session.roles)),
        stepped_up=at is not None and now - at < timedelta(seconds=step_up_s),
        ip=ip,
        request_id=request_id,
    )


def machine_of(machine: Machine, *, ip: str | None, request_id: str | None) -> Actor:
    """The machine, with those of its scopes that a machine may have at all."""
    return Actor(
        kind="machine",
        name=f"key:{machine.key_id}",
        organisation_id=machine.organisation_id,
        organisation_code=machine.organisation_code,
        permissions=MACHINE_PERMISSIONS & frozenset(machine.scopes),
        ip=ip,
        request_id=request_id,
    )


def at_the_door(person: Person | ResetLink, *, ip: str | None, request_id: str | None) -> Actor:
    """A person who is not in yet, for the audit trail: they may nothing."""
    return Actor(
        kind="person",
        name=person.login,
        organisation_id=person.organisation_id,
        organisation_code=person.organisation_code if isinstance(person, Person) else None,
        permissions=frozenset(),
        ip=ip,
        request_id=request_id,
    )


def machine_found(key: StoredKey) -> Machine:
    """The machine of a key, without the digest of its secret."""
    known = asdict(key)
    del known["secret_digest"]
    return Machine(**known)


def session_of(
    person: Person, *, session_id: int, kind: SessionKind, now: datetime, until: datetime
) -> Session:
    """The session that has just begun."""
    return Session(
        id=session_id,
        kind=kind,
        user_id=person.id,
        login=person.login,
        name=person.name,
        roles=person.roles,
        organisation_id=person.organisation_id,
        organisation_code=person.organisation_code,
        expires_at=until,
        last_seen_at=now,
        stepped_up_at=None,
    )


def session_row(
    person: Person,
    *,
    kind: SessionKind,
    digest: bytes,
    now: datetime,
    expires_at: datetime,
    ip: str | None,
    user_agent: str | None,
) -> dict[str, object]:
    """The columns of a new session. A user agent is cut and kept where it can be read."""
    agent = (user_agent or "")[:USER_AGENT_LENGTH]
    return {
        "organisation_id": person.organisation_id,
        "user_id": person.id,
        "token_digest": digest,
        "kind": kind,
        "created_at": now,
        "expires_at": expires_at,
        "ip": ip,
        "user_agent": agent if agent.isprintable() and agent else None,
    }
