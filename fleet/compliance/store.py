"""Runs the SQL of papers: one function a query, and the facts its constraints stand for."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, LiteralString, NamedTuple

from psycopg import Connection, Cursor, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.compliance.errors import PermitExists, PolicyExists
from fleet.compliance.model import (
    BatteryTest,
    Inspection,
    InsuredSum,
    Licence,
    Permit,
    Policy,
    VehiclePapers,
)
from fleet.compliance.records import InspectionRow, LicenceRow, Paper, Place, PolicyRow, Recorded
from fleet.compliance.refreshing import ObligationRow
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Row = Mapping[str, Any]


class Listing(NamedTuple):
    """A query to compose a list from, and the column it is ordered by."""

    query: LiteralString
    column: LiteralString
    latest_first: bool = False


def policy_of(columns: Row) -> Policy:
    """A policy of its columns."""
    covers = tuple(InsuredSum(**each) for each in columns["covers"] or ())
    return Policy(**{**columns, "covers": covers})


PAPERS: Final[dict[type[Any], Callable[[dict[str, Any]], Any]]] = {
    Inspection: lambda columns: Inspection(**columns),
    Policy: policy_of,
    Permit: lambda columns: Permit(**columns),
    BatteryTest: lambda columns: BatteryTest(**columns),
}
"""How a paper is made of its columns."""
_ABOUT: Final = tuple(field.name for field in fields(Recorded) if field.name != "paper")


def find_zone(conn: Connection[Any], organisation_id: int) -> str | None:
    """The zone of its days; None: it is out of sight."""
    found: str | None = _scalar(conn, _queries.find_zone, {"organisation_id": organisation_id})
    return found


# Licences


def find_licence(conn: Connection[Any], vehicle_id: int) -> Licence | None:
    """The licence, if it was written down."""
    with conn.cursor(row_factory=class_row(Licence)) as cursor:
        return cursor.execute(_queries.find_licence, {"vehicle_id": vehicle_id}).fetchone()


def insert_licence(conn: Connection[Any], about: Row, licence: Licence) -> bool:
    """Write the first licence; False if there is one meanwhile."""
    row = {**about, **asdict(licence)}
    return conn.execute(_queries.insert_licence, row).rowcount == 1


def update_licence(conn: Connection[Any], vehicle_id: int, licence: Licence) -> bool:
    """Write the licence over its version; False if the version is not that any more."""
    row = {"vehicle_id": vehicle_id, **asdict(licence)}
    return conn.execute(_queries.update_licence, row).rowcount == 1


# Inspections and battery tests


def find_inspection(
    conn: Connection[Any], vehicle_id: int, inspected_on: date, form: str
) -> Inspection | None:
    """The inspection of that day and form, if there is one."""
    row = {"vehicle_id": vehicle_id, "inspected_on": inspected_on, "form": form}
    with conn.cursor(row_factory=class_row(Inspection)) as cursor:
        return cursor.execute(_queries.find_inspection, row).fetchone()


def save_inspection(conn: Connection[Any], about: Row, inspection: Inspection) -> int:
    """Write an inspection, in place of the one of the same day and form; its id."""
    return _id(conn, _queries.save_inspection, {**about, **asdict(inspection)})


def find_battery_test(
    conn: Connection[Any], vehicle_id: int, tested_on: date
) -> BatteryTest | None:
    """The battery test of that day, if there is one."""
    row = {"vehicle_id": vehicle_id, "tested_on": tested_on}
    with conn.cursor(row_factory=class_row(BatteryTest)) as cursor:
        return cursor.execute(_queries.find_battery_test, row).fetchone()


def save_battery_test(conn: Connection[Any], about: Row, test: BatteryTest) -> int:
    """Write a battery test, in place of the one of the same day; its id."""
    return _id(conn, _queries.save_battery_test, {**about, **asdict(test)})


# Policies and permits


def insert_policy(conn: Connection[Any], about: Row, policy: Policy) -> int:
    """The id of a new policy."""
    exists = PolicyExists(f"policy {policy.policy_no} exists already", policy_no=policy.policy_no)
    with naming({"insurance_policies_policy_no_key": exists}):
        return _id(conn, _queries.insert_policy, {**about, **_policy_columns(policy)})


def update_policy(conn: Connection[Any], policy_id: int, policy: Policy) -> bool:
    """Write what a policy says over its version; False if the version is not that any more."""
    row = {"id": policy_id, **_policy_columns(policy)}
    return conn.execute(_queries.update_policy, row).rowcount == 1


def mark_policy_voided(
    conn: Connection[Any], policy_id: int, *, voided_at: datetime, voided_because: str
) -> None:
    """The policy never counted."""
    row = {"id": policy_id, "voided_at": voided_at, "voided_because": voided_because}
    conn.execute(_queries.mark_policy_voided, row)


def insert_permit(conn: Connection[Any], about: Row, permit: Permit) -> int:
    """The id of a new permit."""
    exists = PermitExists(f"permit {permit.permit_no} exists already", permit_no=permit.permit_no)
    with naming({"permits_permit_no_key": exists}):
        return _id(conn, _queries.insert_permit, {**about, **asdict(permit)})


def update_permit(conn: Connection[Any], permit_id: int, permit: Permit) -> bool:
    """Write what a permit says over its version; False if the version is not that any more."""
    return conn.execute(_queries.update_permit, {"id": permit_id, **asdict(permit)}).rowcount == 1


def mark_permit_withdrawn(conn: Connection[Any], permit_id: int, *, withdrawn_at: datetime) -> None:
    """The permit does not hold any more."""
    conn.execute(_queries.mark_permit_withdrawn, {"id": permit_id, "withdrawn_at": withdrawn_at})


# Lists


def list_inspections(
    conn: Connection[Any], filters: Row, *, after: Place | None = None, limit: int
) -> list[Recorded[Inspection]]:
    """Inspections in sight, the latest first. `filters`: of FILTERS; `after`: (day, id)."""
    listing = Listing(_queries.list_inspections, "r.inspected_on", latest_first=True)
    return _list(conn, Inspection, listing, filters, after=after, limit=limit)


def list_policies(
    conn: Connection[Any], filters: Row, *, after: Place | None = None, limit: int
) -> list[Recorded[Policy]]:
    """Policies in sight by the end of their cover. `filters`: of FILTERS; `after`: (end, id)."""
    listing = Listing(_queries.list_policies, "upper(r.covered_period)")
    return _list(conn, Policy, listing, filters, after=after, limit=limit)


def list_permits(
    conn: Connection[Any], filters: Row, *, after: Place | None = None, limit: int
) -> list[Recorded[Permit]]:
    """Permits in sight by number. `filters`: of FILTERS; `after`: (number, id)."""
    listing = Listing(_queries.list_permits, "r.permit_no")
    return _list(conn, Permit, listing, filters, after=after, limit=limit)


def list_battery_tests(
    conn: Connection[Any], filters: Row, *, limit: int
) -> list[Recorded[BatteryTest]]:
    """Battery tests in sight, the latest first. `filters`: of FILTERS."""
    listing = Listing(_queries.list_battery_tests, "r.tested_on", latest_first=True)
    return _list(conn, BatteryTest, listing, filters, after=None, limit=limit)


FILTERS: Final = {
    "id": sql.SQL("r.id = %(id)s"),
    "vin": sql.SQL("v.vin = %(vin)s"),
    "organisation": sql.SQL(
        "EXISTS (SELECT FROM vehicles w"
        " LEFT JOIN vehicle_operators p ON p.vehicle_id = w.id AND upper_inf(p.operated_period)"
        " JOIN organisation_closure b"
        " ON b.descendant_id = coalesce(p.organisation_id, w.owner_id)"
        " JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE w.id = r.vehicle_id AND a.code = %(organisation)s)"
    ),
    "from_on": sql.SQL("r.inspected_on >= %(from_on)s"),
    "until_on": sql.SQL("r.inspected_on < %(until_on)s"),
    "passed": sql.SQL("r.passed = %(passed)s"),
    "kind": sql.SQL("r.kind = %(kind)s"),
    "insurer": sql.SQL("position(lower(%(insurer)s) IN lower(r.insurer)) > 0"),
    "ends_from_at": sql.SQL("upper(r.covered_period) >= %(ends_from_at)s"),
    "ends_before_at": sql.SQL("upper(r.covered_period) < %(ends_before_at)s"),
    "voided": sql.SQL("(r.voided_at IS NOT NULL) = %(voided)s"),
    "policy_no": sql.SQL("r.policy_no = %(policy_no)s"),
    "permit_no": sql.SQL("r.permit_no = %(permit_no)s"),
    "holder": sql.SQL("position(lower(%(holder)s) IN lower(r.holder)) > 0"),
    "withdrawn": sql.SQL("(r.withdrawn_at IS NOT NULL) = %(withdrawn)s"),
}
"""What papers are searched by; an organisation's are those of vehicles it has now."""


def _list(
    conn: Connection[Any],
    kind: type[Paper],
    listing: Listing,
    filters: Row,
    *,
    after: Place | None,
    limit: int,
) -> list[Recorded[Paper]]:
    wanted: list[sql.Composable] = [FILTERS[name] for name in filters]
    here = sql.SQL(listing.column)
    sign, way = ("<", "DESC") if listing.latest_first else (">", "ASC")
    if after is not None:
        page = sql.SQL("({}, r.id) {} (%(after_place)s, %(after_id)s)")
        wanted.append(page.format(here, sql.SQL(sign)))
    query: sql.Composable = sql.SQL(listing.query)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    way_on = sql.SQL(way)
    query += sql.SQL(" ORDER BY {} {}, r.id {} LIMIT %(limit)s").format(here, way_on, way_on)
    place = dict(zip(("after_place", "after_id"), after or (), strict=False))
    with conn.cursor(row_factory=_recorded(kind)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


# What falls due


def list_vehicle_ids(conn: Connection[Any], *, after_id: int, limit: int) -> list[int]:
    """Vehicles in sight by id, those after one."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"after_id": after_id, "limit": limit}
        return cursor.execute(_queries.list_vehicle_ids, row).fetchall()


def list_vehicle_ids_of(conn: Connection[Any], vins: Sequence[str]) -> dict[str, int]:
    """The ids of vehicles by their VINs."""
    return dict(conn.execute(_queries.list_vehicle_ids_of, {"vins": list(vins)}).fetchall())


def lock_vehicles(conn: Connection[Any], vehicle_ids: Sequence[int]) -> list[int]:
    """Those of the vehicles that are held now; until the commit others wait to refresh them."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"vehicle_ids": list(vehicle_ids)}
        return cursor.execute(_queries.lock_vehicles, row).fetchall()


def list_papers(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, with_covers: bool = True
) -> Iterator[VehiclePapers]:
    """All papers of the vehicles that count, a query a kind; covers of policies if asked for."""
    row = {"vehicle_ids": list(vehicle_ids), "with_covers": with_covers}
    licences = _by_vehicle(conn, _queries.list_licences_of, row, lambda c: Licence(**c))
    inspections = _by_vehicle(conn, _queries.list_inspections_of, row, PAPERS[Inspection])
    policies = _by_vehicle(conn, _queries.list_policies_of, row, PAPERS[Policy])
    permits = _by_vehicle(conn, _queries.list_permits_of, row, PAPERS[Permit])
    tests = _by_vehicle(conn, _queries.list_battery_tests_of, row, PAPERS[BatteryTest])
    with conn.cursor(row_factory=dict_row) as cursor:
        for about in cursor.execute(_queries.list_papered, row):
            names = {about.pop("owner_name"), about.pop("holder_name")}
            vehicle_id = about["vehicle_id"]
            yield VehiclePapers(
                **about,
                licence=next(iter(licences.get(vehicle_id, ())), None),
                inspections=tuple(inspections.get(vehicle_id, ())),
                policies=tuple(policies.get(vehicle_id, ())),
                permits=tuple(permits.get(vehicle_id, ())),
                battery_tests=tuple(tests.get(vehicle_id, ())),
                holder_names=() if None in names else tuple(sorted(names)),
            )


def list_obligations(
    conn: Connection[Any], vehicle_ids: Sequence[int], kinds: Sequence[str]
) -> list[ObligationRow]:
    """What is kept of the obligations of the vehicles, open or not."""
    row = {"vehicle_ids": list(vehicle_ids), "kinds": list(kinds)}
    with conn.cursor(row_factory=class_row(ObligationRow)) as cursor:
        return cursor.execute(_queries.list_obligations_of, row).fetchall()


def save_obligations(
    conn: Connection[Any], rows: Sequence[ObligationRow], *, refreshed_at: datetime
) -> None:
    """Write these rows, one statement for all."""
    # One document: the elements of an array of texts would each be quoted in Python.
    written = [
        {
            "tenant_id": row.tenant_id,
            "vehicle_id": row.vehicle_id,
            "kind": row.kind,
            "reference": row.reference,
            "is_open": row.is_open,
            "due_on": row.due_on,
            "due_at": row.due_at,
            "window_from_on": row.window_from_on,
            "facts": row.facts,
        }
        for row in rows
    ]
    packed = Jsonb(written, dumps=_dumps)
    conn.execute(_queries.save_obligations, {"rows": packed, "refreshed_at": refreshed_at})


# Sheets


def save_licences(conn: Connection[Any], rows: Sequence[LicenceRow]) -> None:
    """Write the licences, those that differ; one statement for all."""
    conn.execute(_queries.save_licences, {"rows": _packed(rows)})


def list_known_inspections(
    conn: Connection[Any], keys: Sequence[tuple[str, date, str]]
) -> list[dict[str, Any]]:
    """The inspections of these vehicles, days and forms."""
    row = {
        "vins": [vin for vin, _, _ in keys],
        "inspected_on": [on for _, on, _ in keys],
        "forms": [form for _, _, form in keys],
    }
    return _dicts(conn, _queries.list_known_inspections, row)


def save_inspections(
    conn: Connection[Any],
    rows: Sequence[InspectionRow],
    *,
    recorded_by: str,
    recorded_at: datetime,
) -> None:
    """Write the inspections; one statement for all."""
    about = {"recorded_by": recorded_by, "recorded_at": recorded_at}
    conn.execute(_queries.save_inspections, {"rows": _packed(rows), **about})


def list_known_policies(conn: Connection[Any], policy_nos: Sequence[str]) -> list[dict[str, Any]]:
    """The policies of these numbers."""
    return _dicts(conn, _queries.list_known_policies, {"policy_nos": list(policy_nos)})


def save_policies(
    conn: Connection[Any], rows: Sequence[PolicyRow], *, recorded_by: str, recorded_at: datetime
) -> None:
    """Write the policies; one statement for all."""
    about = {"recorded_by": recorded_by, "recorded_at": recorded_at}
    conn.execute(_queries.save_policies, {"rows": _packed(rows), **about})


# Rows


def _recorded(kind: type[Paper]) -> Callable[[Cursor[Any]], Callable[[Sequence[Any]], Any]]:
    """Makes rows of lists: what is about a paper, and the paper."""

    def factory(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], Recorded[Paper]]:
        names = [column.name for column in cursor.description or ()]
        make = PAPERS[kind]

        def made(values: Sequence[Any]) -> Recorded[Paper]:
            columns = dict(zip(names, values, strict=True))
            about = {name: columns.pop(name) for name in _ABOUT}
            return Recorded(**about, paper=make(columns))

        return made

    return factory


def _by_vehicle(
    conn: Connection[Any], query: LiteralString, row: Row, make: Callable[[dict[str, Any]], Any]
) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for columns in cursor.execute(query, row):
            found.setdefault(columns.pop("vehicle_id"), []).append(make(columns))
    return found


def _policy_columns(policy: Policy) -> dict[str, Any]:
    columns = asdict(policy)
    return {**columns, "covers": Jsonb(list(columns["covers"]))}


def _packed(rows: Sequence[Any]) -> Jsonb:
    """Rows for jsonb_to_recordset; days and instants as text."""
    return Jsonb([asdict(row) for row in rows], dumps=_dumps)


def _dumps(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)


def _dicts(conn: Connection[Any], query: LiteralString, row: Row) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, row).fetchall()


def _scalar(conn: Connection[Any], query: LiteralString, row: Row) -> Any:
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, row).fetchone()


def _id(conn: Connection[Any], query: LiteralString, row: Row) -> int:
    found: int = _scalar(conn, query, row)
    return found
