"""Runs the SQL of looking into the inbox.

Which alerts are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`). A page is looked for in the alerts alone, organisation by
organisation in the order of its index, and only what is on it is looked up elsewhere: most alerts
are of the past, and there are very many.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import args_row, class_row, dict_row

from alerts.inbox.model import BY_ITSELF, Alert, AlertEvent, Fire, Storm
from alerts.inbox.reading.model import AlertChange, LiveAlert
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
FILTERS: Final[Mapping[str, sql.SQL]] = {
    "alert_no": sql.SQL(
        "a.alert_no = %(alert_no)s"
        " AND a.tenant_id = ANY (ARRAY(SELECT tenant_id FROM organisations))"
    ),
    "kinds": sql.SQL("a.kind = ANY (%(kinds)s::text[])"),
    "unresolved": sql.SQL("(a.state <> 'resolved') = %(unresolved)s"),
    "state": sql.SQL("a.state = %(state)s"),
    "severity": sql.SQL("a.severity = %(severity)s"),
    "kind": sql.SQL("a.kind = %(kind)s"),
    "rule": sql.SQL("a.rule_code = %(rule)s"),
    "vehicle": sql.SQL("a.subject_kind = 'vehicle' AND a.subject_key = %(vehicle)s"),
    "vehicle_ids": sql.SQL("a.vehicle_id = ANY (%(vehicle_ids)s)"),
    "lease": sql.SQL("a.lease_id = ANY (ARRAY(SELECT id FROM leases WHERE lease_no = %(lease)s))"),
    "bill": sql.SQL("a.bill_id = ANY (ARRAY(SELECT id FROM bills WHERE bill_no = %(bill)s))"),
    "customer": sql.SQL(
        "a.customer_id = ANY (ARRAY(SELECT id FROM customers WHERE customer_no = %(customer)s))"
    ),
    "assignee": sql.SQL("a.assignee = (SELECT actor FROM actor_in_sight(%(assignee)s))"),
    "snoozed": sql.SQL("(a.snoozed_until IS NOT NULL) = %(snoozed)s"),
    "inhibited": sql.SQL("(a.inhibited_by_id IS NOT NULL) = %(inhibited)s"),
    "historical": sql.SQL("a.historical = %(historical)s"),
    "from_at": sql.SQL("a.last_raised_at >= %(from_at)s"),
    "until_at": sql.SQL("a.last_raised_at < %(until_at)s"),
    "organisation": sql.SQL(
        "a.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c"
        " JOIN organisations r ON r.id = c.ancestor_id WHERE r.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "(position(lower(%(search)s) IN lower(a.alert_no || chr(31) || a.subject_key)) > 0"
        " OR a.vehicle_id = ANY (ARRAY(SELECT id FROM vehicles WHERE"
        " position(lower(%(search)s) IN lower(concat_ws(chr(31), vin, plate))) > 0))"
        " OR a.lease_id = ANY (ARRAY(SELECT id FROM leases WHERE"
        " position(lower(%(search)s) IN lower(lease_no)) > 0))"
        " OR a.bill_id = ANY (ARRAY(SELECT id FROM bills WHERE"
        " position(lower(%(search)s) IN lower(bill_no)) > 0)))"
    ),
}
_AFTER: Final = sql.SQL("(a.last_raised_at, a.id) < (%(after_at)s, %(after_id)s)")
# As an array: as a subquery it would be one more join, which the planner puts last.
_PAGE: Final = sql.SQL(
    "{} WHERE a.id = ANY (ARRAY("
    "SELECT p.id FROM organisations o CROSS JOIN LATERAL ("
    "SELECT a.id, a.last_raised_at FROM alerts a WHERE {}"
    " ORDER BY a.last_raised_at DESC, a.id DESC LIMIT %(limit)s) AS p"
    " ORDER BY p.last_raised_at DESC, p.id DESC LIMIT %(limit)s))"
    " ORDER BY a.last_raised_at DESC, a.id DESC"
)
_OF_ONE: Final = sql.SQL("a.organisation_id = o.id")


def list_alerts(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Alert]:
    """Alerts in sight, the last raised first. `filters` are of FILTERS."""
    row = dict(filters)
    if "vehicle" in row and (ids := _vehicle_ids(conn, row["vehicle"])):
        del row["vehicle"]
        row["vehicle_ids"] = ids
    conditions = [_OF_ONE, *(FILTERS[name] for name in row)]
    if after is not None:
        conditions.append(_AFTER)
        row["after_at"], row["after_id"] = after
    query = _PAGE.format(sql.SQL(_queries.list_alerts), sql.SQL(" AND ").join(conditions))
    with conn.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(query, {**row, "limit": limit}, prepare=False).fetchall()


def _vehicle_ids(conn: Connection[Any], vin: str) -> list[int]:
    """The vehicle in sight. One that was handed away is known by its VIN alone."""
    return [each for (each,) in conn.execute(_queries.list_vehicle_ids, {"vin": vin})]


def list_fires(conn: Connection[Any], alert_id: int) -> list[Fire]:
    """What fired of an alert."""
    with conn.cursor(row_factory=class_row(Fire)) as cursor:
        return cursor.execute(_queries.list_fires, {"alert_id": alert_id}).fetchall()


def list_events(conn: Connection[Any], alert_id: int) -> list[AlertEvent]:
    """What happened to an alert."""
    with conn.cursor(row_factory=class_row(AlertEvent)) as cursor:
        row = {"alert_id": alert_id, "by_itself": BY_ITSELF}
        return cursor.execute(_queries.list_events, row).fetchall()


def list_messages(conn: Connection[Any], alert_id: int) -> list[UUID]:
    """Keys of the messages in sight that told of an alert."""
    return [key for (key,) in conn.execute(_queries.list_messages, {"alert_id": alert_id})]


def count_alerts(
    conn: Connection[Any],
    kinds: Iterable[str],
    *,
    organisation: str | None,
    login: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Unresolved alerts in numbers, by organisation, kind, severity and state."""
    row = {"kinds": sorted(kinds), "organisation": organisation, "login": login, "now": now}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.count_alerts, row).fetchall()


def list_storms(
    conn: Connection[Any],
    kinds: Iterable[str],
    *,
    organisation: str | None,
    at_least: int,
    limit: int,
) -> list[Storm]:
    """Rules of which so many alerts are unresolved."""
    row = {"kinds": sorted(kinds), "organisation": organisation, "at_least": at_least}
    with conn.cursor(row_factory=class_row(Storm)) as cursor:
        return cursor.execute(_queries.list_storms, {**row, "limit": limit}).fetchall()


def find_far_change(conn: Connection[Any], *, xmin: int, most: int) -> int | None:
    """The last transaction since when more than so many alerts have changed; None: fewer have."""
    row = {"xmin": str(xmin), "most": most}
    found = conn.execute(_queries.find_far_change, row).fetchone()
    return None if found is None else int(found[0])


def list_changed(
    conn: Connection[Any],
    *,
    xmin: int,
    xmax: int,
    running: Collection[int],
    organisation_ids: Collection[int],
) -> list[AlertChange]:
    """Alerts whose last change a snapshot did not see, that any of the organisations may see."""
    row = {
        "xmin": str(xmin),
        "xmax": str(xmax),
        "running": [str(each) for each in running],
        "organisation_ids": list(organisation_ids),
    }
    with conn.cursor(row_factory=args_row(_change)) as cursor:
        return cursor.execute(_queries.list_changed, row).fetchall()


def _change(
    changed_in: int, seen_by: list[int], assignee_seen_by: list[int], *alert: Any
) -> AlertChange:
    return AlertChange(changed_in, seen_by, frozenset(assignee_seen_by), LiveAlert(*alert))
