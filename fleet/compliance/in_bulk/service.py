"""Writes many papers at once, as sheets bring them: one statement a table, whatever their number.

`known_…` tell what is there by natural key, in the names of a sheet's fields, so that what would
change is a comparison. `save_…` add the new and change the old, and refresh what falls due; whoever
calls them writes the audit trail, once. Leaves out what a sheet looks like (`fleet/sheets`). Rows
are checked before they come here; no key stands twice in one call.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.compliance import store
from fleet.compliance.inspections import last_pass
from fleet.compliance.obligations.service import refresh_papers
from fleet.compliance.records import (
    InspectionRow,
    LicenceRow,
    PolicyRow,
    inspection_key,
)
from fleet.costs import service as costs
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from schemas.access import Actor

InspectionKey = tuple[str, date, str]
"""VIN, day, form."""
_LICENCE_FIELDS = (
    "vehicle_type",
    "use_nature",
    "registered_on",
    "issued_on",
    "motor_no",
    "gvw_kg",
    "seats",
)


def known_licences(
    conn: Connection[Any], actor: Actor, *, vins: Sequence[str], now: datetime
) -> dict[str, dict[str, Any]]:
    """By VIN, of vehicles in sight: the licence's fields, each None where nothing is recorded, and
    `inspection_valid_to_on`, the last day of the month that counts now.
    """
    actor.require("paper.read")
    ids = store.list_vehicle_ids_of(conn, vins)
    return {
        papers.vin: {
            **{name: getattr(papers.licence, name, None) for name in _LICENCE_FIELDS},
            "inspection_valid_to_on": getattr(
                last_pass(papers.inspections, on=local_day(now, papers.zone)), "valid_to_on", None
            ),
        }
        for papers in store.list_papers(conn, list(ids.values()))
    }


def save_licences(
    conn: Connection[Any], actor: Actor, *, rows: Sequence[LicenceRow], now: datetime
) -> None:
    """The licences are these from now on. A month that differs from the one that counts is written
    down as read off the licence today.
    """
    actor.require("paper.record")
    vins = [row.vin for row in rows]
    known = known_licences(conn, actor, vins=vins, now=now)
    store.save_licences(conn, rows)
    read_on = local_day(now)
    printed = [
        InspectionRow(row.vin, "printed", read_on, True, row.inspection_valid_to_on)
        for row in rows
        if row.inspection_valid_to_on is not None
        and row.vin in known
        and known[row.vin]["inspection_valid_to_on"] != row.inspection_valid_to_on
    ]
    _save_inspections(conn, actor, printed, now=now)
    ids = list(store.list_vehicle_ids_of(conn, vins).values())
    refresh_papers(conn, vehicle_ids=ids, now=now)
    maintenance.refresh_maintenance(conn, vehicle_ids=ids, now=now)


def known_inspections(
    conn: Connection[Any], actor: Actor, *, keys: Sequence[InspectionKey]
) -> dict[InspectionKey, dict[str, Any]]:
    """By (VIN, day, form): passed, valid_to_on, place, report_no; and cost_fen (None: not known)
    where the actor may see costs.
    """
    actor.require("paper.read")
    found = {
        (row.pop("vin"), row.pop("inspected_on"), row.pop("form")): row
        for row in store.list_known_inspections(conn, keys)
    }
    subjects = {key: inspection_key(*key) for key in found}
    _tell_costs(conn, actor, found, subjects, subject_kind="inspection", name="cost_fen")
    return found


def save_inspections(
    conn: Connection[Any], actor: Actor, *, rows: Sequence[InspectionRow], now: datetime
) -> None:
    """These inspections, each in place of the one of the same vehicle, day and form."""
    actor.require("paper.record")
    _save_inspections(conn, actor, rows, now=now)
    spent = [
        costs.CostEntry(
            vin=row.vin,
            kind="inspection",
            amount_fen=row.cost_fen,
            incurred_on=row.inspected_on,
            subject_kind="inspection",
            subject_key=inspection_key(row.vin, row.inspected_on, row.form),
        )
        for row in rows
        if row.cost_fen is not None
    ]
    costs.set_costs(conn, actor, spent, now=now)
    _refresh(conn, [row.vin for row in rows], now=now)


def known_policies(
    conn: Connection[Any], actor: Actor, *, policy_nos: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By number: vin, kind, insurer, insured, use_nature, covered_from_at, covered_until_at, covers
    as {cover: fen}, voided; and premium_fen (None: not known) where the actor may see costs.

    One that is voided, or of another vehicle or kind, is not changed by `save_policies`.
    """
    actor.require("paper.read")
    found = {row.pop("policy_no"): row for row in store.list_known_policies(conn, policy_nos)}
    for row in found.values():
        row["covers"] = {each["cover"]: each["sum_fen"] for each in row["covers"]}
    subjects = {number: number for number in found}
    _tell_costs(conn, actor, found, subjects, subject_kind="policy", name="premium_fen")
    return found


def save_policies(
    conn: Connection[Any], actor: Actor, *, rows: Sequence[PolicyRow], now: datetime
) -> None:
    """These policies, each in place of the one of the same number."""
    actor.require("paper.record")
    store.save_policies(conn, rows, recorded_by=actor.name, recorded_at=now)
    spent = [
        costs.CostEntry(
            vin=row.vin,
            kind="insurance",
            amount_fen=row.premium_fen,
            incurred_on=local_day(row.covered_from_at),
            subject_kind="policy",
            subject_key=row.policy_no,
        )
        for row in rows
        if row.premium_fen is not None
    ]
    costs.set_costs(conn, actor, spent, now=now)
    _refresh(conn, [row.vin for row in rows], now=now)


def _save_inspections(
    conn: Connection[Any], actor: Actor, rows: Sequence[InspectionRow], *, now: datetime
) -> None:
    if rows:
        store.save_inspections(conn, rows, recorded_by=actor.name, recorded_at=now)


def _refresh(conn: Connection[Any], vins: Sequence[str], *, now: datetime) -> None:
    ids = list(store.list_vehicle_ids_of(conn, vins).values())
    refresh_papers(conn, vehicle_ids=ids, now=now)


def _tell_costs(
    conn: Connection[Any],
    actor: Actor,
    found: dict[Any, dict[str, Any]],
    subjects: dict[Any, str],
    *,
    subject_kind: str,
    name: str,
) -> None:
    if not actor.may("cost.read"):
        return
    known = costs.known_costs(
        conn, actor, subject_kind=subject_kind, subject_keys=list(subjects.values())
    )
    for key, row in found.items():
        row[name] = known.get(subjects[key])
