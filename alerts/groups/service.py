"""Keeps groups of vehicles, by which rules are narrowed.

A group belongs to an organisation and holds vehicles that whoever puts them in can see. A rule
finds it by its code, with the organisation the rule holds for, then above it. A retired code is
not used again. Leaves out depots and tags of vehicles, which are `fleet`'s.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.errors import NameInUse, VehicleNotFound
from alerts.groups import store
from alerts.groups.errors import GroupExists, GroupNotFound
from alerts.groups.model import Group, Member
from alerts.own_codes import asked_for, new_row, record_of
from alerts.rules import service as rules
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "Group",
    "Member",
    "add_vehicles",
    "create_group",
    "get_group",
    "list_groups",
    "list_members",
    "remove_vehicles",
    "rename_group",
    "retire_group",
]

MOST_TOLD: Final = 20
"""How many VINs an error or an entry of the audit trail names."""


def list_groups(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[Group]:
    """Groups in sight, by code; `filters` of `organisation` (and below), `retired`, `search`.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    asked = asked_for(conn, actor, filters)
    return store.list_groups(conn, asked, after=after, limit=limit)


def get_group(conn: Connection[Any], actor: Actor, *, code: str, organisation: str | None) -> Group:
    """The organisation's own group of this code, retired or not.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight.
    """
    actor.require("alert_rule.read")
    return _found(conn, rules.organisation_of(conn, actor, organisation), code)


def list_members(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    organisation: str | None,
    after: str | None = None,
    limit: int = 50,
) -> list[Member]:
    """The vehicles of a group as far as they are in sight, by VIN.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight.
    """
    group = get_group(conn, actor, code=code, organisation=organisation)
    return store.list_members(conn, group.id, after=after, limit=limit)


def create_group(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    name: str,
    vins: Collection[str] = (),
    now: datetime,
) -> Group:
    """A new group, with vehicles in it or without.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        AlertCodeMalformed, CodeReserved, GroupExists: it cannot be called so.
        VehicleNotFound: a vehicle is not in sight; nothing is made.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    row = new_row(actor, acted, code=code, name=name, now=now)
    if not store.insert_group(conn, row):
        raise GroupExists(f"{acted.code} has used the code {code!r} before", code=code)
    made = _found(conn, acted, code)
    store.insert_members(conn, made, _vehicle_ids(conn, acted, vins), now)
    told = {"name": name, "vehicles": len(set(vins))}
    record_of(conn, actor, acted, "vehicle_group.create", code, now=now, after=told)
    return _found(conn, acted, code)


def rename_group(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    version: int,
    name: str,
    now: datetime,
) -> Group:
    """The group with another name.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight, or it is retired.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    was = _live(conn, acted, code)
    if not store.update_group(conn, was.id, version, name=name):
        raise VersionChanged(f"the group {code} is at version {was.version}", code=code)
    told = {"before": {"name": was.name}, "after": {"name": name}}
    record_of(conn, actor, acted, "vehicle_group.rename", code, now=now, **told)
    return _found(conn, acted, code)


def retire_group(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    version: int,
    now: datetime,
) -> Group:
    """Take a group back that no rule names any more.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight, or it is retired.
        NameInUse: the scope of a rule here or below names it.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    was = _live(conn, acted, code)
    named_by = rules.rules_naming_group(conn, acted, code)
    if named_by:
        raise NameInUse(f"rules name {code!r}: {', '.join(named_by)}", rules=named_by)
    if not store.mark_retired(conn, was.id, version, now):
        raise VersionChanged(f"the group {code} is at version {was.version}", code=code)
    record_of(conn, actor, acted, "vehicle_group.retire", code, now=now, before={"name": was.name})
    return _found(conn, acted, code)


def add_vehicles(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    vins: Collection[str],
    now: datetime,
) -> Group:
    """Put vehicles into a group; those that are in it stay, and do it again does nothing.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight, or it is retired.
        VehicleNotFound: a vehicle is not in sight; none is put in.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    group = _live(conn, acted, code)
    added = store.insert_members(conn, group, _vehicle_ids(conn, acted, vins), now)
    if added:
        told = {"vehicles": added, "vins": sorted(vins)[:MOST_TOLD]}
        record_of(conn, actor, acted, "vehicle_group.add", code, now=now, after=told)
    return _found(conn, acted, code)


def remove_vehicles(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    vins: Collection[str],
    now: datetime,
) -> Group:
    """Take vehicles out of a group; those that are not in it do not matter.

    Raises:
        OrganisationNotFound, GroupNotFound: there is none in sight, or it is retired.
        VehicleNotFound: a vehicle is not in sight; none is taken out.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    group = _live(conn, acted, code)
    removed = store.mark_removed(conn, group, _vehicle_ids(conn, acted, vins), now)
    if removed:
        told = {"vehicles": removed, "vins": sorted(vins)[:MOST_TOLD]}
        record_of(conn, actor, acted, "vehicle_group.remove", code, now=now, before=told)
    return _found(conn, acted, code)


def _vehicle_ids(conn: Connection[Any], acted: rules.Acted, vins: Collection[str]) -> list[int]:
    known = store.list_vehicles(conn, acted.tenant_id, vins)
    unknown = sorted(set(vins) - known.keys())
    if unknown:
        told = unknown[:MOST_TOLD]
        raise VehicleNotFound(f"no vehicle has the VIN {told[0]!r}", vin=told[0], vins=told)
    return list(known.values())


def _found(conn: Connection[Any], acted: rules.Acted, code: str) -> Group:
    found = store.list_groups(conn, {"own_id": acted.id, "code": code}, limit=1)
    if not found:
        raise GroupNotFound(f"{acted.code} has no group {code!r}", code=code)
    return found[0]


def _live(conn: Connection[Any], acted: rules.Acted, code: str) -> Group:
    found = _found(conn, acted, code)
    if found.retired_at is not None:
        raise GroupNotFound(f"the group {code!r} of {acted.code} is retired", code=code)
    return found
