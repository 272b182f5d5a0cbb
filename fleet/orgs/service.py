"""Builds and reads the tree of organisations.

Decides that a parent must exist, that a zone must be a real one, and that no organisation stands
below itself (which the database enforces). Leaves out users and roles.
"""

from typing import Any
from zoneinfo import available_timezones

from psycopg import Connection

from fleet.orgs import store
from fleet.orgs.errors import OrganisationNotFound, TimeZoneUnknown
from fleet.orgs.model import Organisation, SubtreeMember

DEFAULT_TIME_ZONE = "Asia/Shanghai"


def create_organisation(
    conn: Connection[Any],
    *,
    code: str,
    name: str,
    parent_code: str | None = None,
    time_zone: str = DEFAULT_TIME_ZONE,
) -> Organisation:
    """A new organisation below its parent, or a new root.

    Raises:
        OrganisationNotFound: there is no such parent.
        OrganisationCodeTaken, OrganisationCodeMalformed, OrganisationNameEmpty, TimeZoneUnknown:
            the input cannot be used.
    """
    if time_zone not in available_timezones():
        raise TimeZoneUnknown(f"{time_zone!r} is not a time zone", time_zone=time_zone)
    parent = None if parent_code is None else get_organisation(conn, code=parent_code)
    organisation_id = store.insert_organisation(
        conn,
        code=code,
        name=name,
        parent_id=None if parent is None else parent.id,
        time_zone=time_zone,
    )
    return Organisation(organisation_id, code, name, parent_code, time_zone)


def find_organisation(conn: Connection[Any], *, code: str) -> Organisation | None:
    """The organisation with this code, if there is one."""
    return store.find_organisation(conn, code)


def get_organisation(conn: Connection[Any], *, code: str) -> Organisation:
    """The organisation with this code.

    Raises:
        OrganisationNotFound: nobody has it.
    """
    found = store.find_organisation(conn, code)
    if found is None:
        raise OrganisationNotFound(f"no organisation has the code {code!r}", organisation_code=code)
    return found


def list_subtree(conn: Connection[Any], *, code: str) -> list[SubtreeMember]:
    """The organisation and all below it, nearest first.

    Raises:
        OrganisationNotFound: nobody has the code.
    """
    members = store.list_subtree(conn, code)
    if not members:
        raise OrganisationNotFound(f"no organisation has the code {code!r}", organisation_code=code)
    return members


def move_organisation(conn: Connection[Any], *, code: str, parent_code: str | None) -> Organisation:
    """The organisation, now below another, with all that stands below it; None makes it a root.

    Raises:
        OrganisationNotFound: one of the two does not exist.
        OrganisationBelowItself: the new parent is the organisation, or stands below it.
    """
    store.lock_tree(conn)
    moved = get_organisation(conn, code=code)
    parent = None if parent_code is None else get_organisation(conn, code=parent_code)
    store.update_parent(conn, moved, parent)
    return get_organisation(conn, code=code)
