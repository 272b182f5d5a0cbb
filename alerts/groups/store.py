"""Runs the SQL of groups: one function a query.

A page of them is a question put together anew (`alerts/own_codes.py`), and planned so.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from alerts.groups.model import Group, Member
from alerts.own_codes import page_of
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_groups(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None = None,
    limit: int,
) -> list[Group]:
    """Groups by code; `filters` of `organisation_id`, `own_id`, `code`, `retired`, `search`."""
    query, given = page_of(_queries.list_groups, filters, after=after, limit=limit)
    with conn.cursor(row_factory=class_row(Group)) as cursor:
        return cursor.execute(query, given, prepare=False).fetchall()


def list_members(
    conn: Connection[Any], group_id: int, *, after: str | None, limit: int
) -> list[Member]:
    """Vehicles of a group by VIN; those after a VIN."""
    given = {"group_id": group_id, "after": after, "limit": limit}
    with conn.cursor(row_factory=class_row(Member)) as cursor:
        return cursor.execute(_queries.list_members, given).fetchall()


def insert_group(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Add a group; False if the organisation has used its code before."""
    return conn.execute(_queries.insert_group, row).rowcount == 1


def update_group(conn: Connection[Any], group_id: int, version: int, *, name: str) -> bool:
    """Call a group otherwise; False if somebody changed it since `version`."""
    given = {"id": group_id, "version": version, "name": name}
    return conn.execute(_queries.update_group, given).rowcount == 1


def mark_retired(conn: Connection[Any], group_id: int, version: int, now: datetime) -> bool:
    """Take a group back; False if somebody changed it since `version`."""
    given = {"id": group_id, "version": version, "now": now}
    return conn.execute(_queries.mark_retired, given).rowcount == 1


def list_vehicles(conn: Connection[Any], tenant_id: int, vins: Collection[str]) -> dict[str, int]:
    """Ids by VIN of those that are in sight."""
    given = {"tenant_id": tenant_id, "vins": list(vins)}
    rows = conn.execute(_queries.list_vehicles, given).fetchall()
    return {vin: vehicle_id for vehicle_id, vin in rows}


def insert_members(
    conn: Connection[Any], group: Group, vehicle_ids: Collection[int], now: datetime
) -> int:
    """Put vehicles into the group; how many were not in it."""
    given = {
        "tenant_id": group.tenant_id,
        "organisation_id": group.organisation_id,
        "group_id": group.id,
        "vehicle_ids": list(vehicle_ids),
        "now": now,
    }
    return _counted(conn, group, conn.execute(_queries.insert_members, given).rowcount)


def mark_removed(
    conn: Connection[Any], group: Group, vehicle_ids: Collection[int], now: datetime
) -> int:
    """Take vehicles out of the group; how many were in it."""
    given = {"group_id": group.id, "vehicle_ids": list(vehicle_ids), "now": now}
    return _counted(conn, group, conn.execute(_queries.mark_removed, given).rowcount)


def _counted(conn: Connection[Any], group: Group, changed: int) -> int:
    if changed:
        conn.execute(_queries.count_change, {"id": group.id})
    return changed
