"""Builds and reads the tree of organisations.

Decides that a parent must exist, that a zone must be a real one, and that a tree stays whole: no
organisation stands below itself, none leaves its tenant (which the database enforces). Leaves out
people: `fleet/identity`.
"""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import store
from fleet.orgs.errors import OrganisationKeepsTenant, OrganisationNotFound, TimeZoneUnknown
from fleet.orgs.model import Organisation, SubtreeMember
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.addresses import check_not_reserved

__all__ = [
    "DEFAULT_TIME_ZONE",
    "Organisation",
    "SubtreeMember",
    "change_organisation",
    "create_organisation",
    "find_organisation",
    "get_organisation",
    "list_organisations",
    "list_subtree",
    "move_organisation",
]

DEFAULT_TIME_ZONE = "Asia/Shanghai"


def create_organisation(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    name: str,
    parent_code: str | None = None,
    time_zone: str = DEFAULT_TIME_ZONE,
    now: datetime,
) -> Organisation:
    """A new organisation below its parent, or a new root, which only the system makes.

    Raises:
        OrganisationNotFound: there is no such parent.
        OrganisationCodeTaken, OrganisationCodeMalformed, OrganisationNameEmpty, TimeZoneUnknown:
            the input cannot be used.
        CodeReserved: the code is a word of the addresses.
        OrganisationKeepsTenant: a tenant's member asks for a root.
    """
    actor.require("organisation.create")
    check_not_reserved(code)
    _check_zone(time_zone)
    if parent_code is None and actor.organisation_id is not None:
        raise OrganisationKeepsTenant("an organisation needs a parent")
    parent = None if parent_code is None else get_organisation(conn, actor, code=parent_code)
    created_id = store.insert_organisation(
        conn,
        code=code,
        name=name,
        parent_id=None if parent is None else parent.id,
        time_zone=time_zone,
    )
    tenant_id = created_id if parent is None else parent.tenant_id
    created = Organisation(created_id, code, name, parent_code, time_zone, tenant_id, 1)
    _record(conn, actor, "organisation.create", created, now=now, after=_told(created))
    return created


def find_organisation(conn: Connection[Any], actor: Actor, *, code: str) -> Organisation | None:
    """The organisation with this code, if there is one in sight."""
    actor.require("organisation.read")
    return store.find_organisation(conn, code)


def get_organisation(conn: Connection[Any], actor: Actor, *, code: str) -> Organisation:
    """The organisation with this code.

    Raises:
        OrganisationNotFound: nobody in sight has it.
    """
    found = find_organisation(conn, actor, code=code)
    if found is None:
        raise OrganisationNotFound(f"no organisation has the code {code!r}", organisation_code=code)
    return found


def list_organisations(
    conn: Connection[Any], actor: Actor, *, after: str | None = None, limit: int = 200
) -> list[Organisation]:
    """The organisations in sight, by code; those after `after`."""
    actor.require("organisation.read")
    return store.list_organisations(conn, after=after, limit=limit)


def list_subtree(conn: Connection[Any], actor: Actor, *, code: str) -> list[SubtreeMember]:
    """The organisation and all below it, nearest first.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("organisation.read")
    members = store.list_subtree(conn, code)
    if not members:
        raise OrganisationNotFound(f"no organisation has the code {code!r}", organisation_code=code)
    return members


def change_organisation(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    version: int,
    name: str | None = None,
    time_zone: str | None = None,
    now: datetime,
) -> Organisation:
    """The organisation with another name or zone; None leaves what is there.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        VersionChanged: somebody changed it since `version` was read.
        OrganisationNameEmpty, TimeZoneUnknown: the input cannot be used.
    """
    actor.require("organisation.change")
    if time_zone is not None:
        _check_zone(time_zone)
    was = get_organisation(conn, actor, code=code)
    changed = store.update_organisation(
        conn,
        was,
        version=version,
        name=was.name if name is None else name,
        time_zone=was.time_zone if time_zone is None else time_zone,
    )
    if not changed:
        raise VersionChanged(f"organisation {code} is at version {was.version}", code=code)
    now_is = get_organisation(conn, actor, code=code)
    _record(
        conn,
        actor,
        "organisation.change",
        was,
        now=now,
        before=_told(was),
        after=_told(now_is),
    )
    return now_is


def move_organisation(
    conn: Connection[Any], actor: Actor, *, code: str, parent_code: str, now: datetime
) -> Organisation:
    """The organisation, now below another, with all that stands below it.

    Raises:
        OrganisationNotFound: one of the two does not exist in sight.
        OrganisationBelowItself: the new parent is the organisation, or stands below it.
        OrganisationKeepsTenant: it would leave its tree, or is the root of one.
        OrganisationNotMovedByItself: the actor is a member of it.
    """
    actor.require("organisation.move")
    store.lock_tree(conn)
    moved = get_organisation(conn, actor, code=code)
    parent = get_organisation(conn, actor, code=parent_code)
    if moved.parent_code == parent.code:
        return moved
    store.update_parent(conn, moved, parent)
    now_is = get_organisation(conn, actor, code=code)
    _record(
        conn,
        actor,
        "organisation.move",
        moved,
        now=now,
        before={"parent": moved.parent_code},
        after={"parent": now_is.parent_code},
    )
    return now_is


@cache
def _zones() -> frozenset[str]:
    """The zones of IANA, read once; the two taken out mean whatever this machine is set to."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _check_zone(time_zone: str) -> None:
    if time_zone not in _zones():
        raise TimeZoneUnknown(f"{time_zone!r} is not a time zone", time_zone=time_zone)


def _told(organisation: Organisation) -> dict[str, Any]:
    return {
        "name": organisation.name,
        "parent": organisation.parent_code,
        "time_zone": organisation.time_zone,
    }


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    organisation: Organisation,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="organisation",
        object_key=organisation.code,
        now=now,
        before=before,
        after=after,
        organisation_id=organisation.tenant_id,
    )
