"""Reads and writes what sheets are about, many rows at once: a row is a dict by the sheet's fields.

One `Source` a kind of sheet stands between the sheet and the slices that keep the things: what is
there, what stands against a row, and its writing. Those of customers and leases stand in
`leasing/service.py`. Nothing is committed and no audit entry written here: the import does. Leaves
out what a cell means and what a row would change (`fleet/sheets`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import Connection

from fleet.assets import service as assets
from fleet.bulk import store
from fleet.bulk.asking.service import Asked, Known, Source
from fleet.bulk.leasing.service import CUSTOMERS, LEASES, customers_called
from fleet.bulk.names import codes_by_text
from fleet.bulk.shapes import (
    PAPERS,
    Row,
    inspection_kept,
    inspection_told,
    licence_incomplete,
    licence_kept,
    licence_told,
    not_ahead,
    not_over,
    policy_kept,
    policy_told,
    sums_of,
)
from fleet.compliance import service as compliance
from fleet.maintenance import service as maintenance
from fleet.models import service as models
from fleet.orgs import service as orgs
from fleet.registry import service as registry
from fleet.row_problems import RowProblem, reserved
from fleet.service import service as work
from kit.errors import DomainError

__all__ = [
    "Asked",
    "Known",
    "Row",
    "SOURCES",
    "Source",
    "customers_called",
    "find_vehicles",
    "model_codes",
    "organisation_codes",
]


def organisation_codes(conn: Connection[Any], texts: Sequence[str]) -> dict[str, str | None]:
    """The code of the organisation in sight that each text names; None: of none, or several."""
    return codes_by_text(texts, store.find_organisations(conn, texts))


def model_codes(conn: Connection[Any], texts: Sequence[str]) -> dict[str, str | None]:
    """The code of the model that each text names; None: of none, or several."""
    return codes_by_text(texts, store.find_models(conn, texts))


def find_vehicles(
    conn: Connection[Any], *, vins: Sequence[str], plates: Sequence[str]
) -> list[tuple[str, str | None, bool]]:
    """(VIN, plate, held) of the vehicles in sight that bear one of them."""
    return store.find_vehicles(conn, vins=vins, plates=plates)


# Vehicles


def _known_vehicles(asked: Asked, vins: Sequence[str]) -> Known:
    known = registry.known_vehicles(asked.conn, vins)
    licences = compliance.known_licences(asked.conn, asked.actor, vins=list(known), now=asked.now)
    return {vin: facts | licence_told(licences.get(vin, {})) for vin, facts in known.items()}


def _check_vehicles(asked: Asked) -> list[list[RowProblem]]:
    found = registry.check_vehicles(asked.conn, asked.rows, asked.known)
    moved = {
        row["vin"]: row["stage"]
        for row in asked.rows
        if row.get("stage") not in (None, asked.known.get(row["vin"], {}).get("stage"))
    }
    on_lease = assets.blocked_moves(asked.conn, moved, now=asked.now) if moved else set()
    return [
        [
            *problems,
            *([_ON_LEASE] if row["vin"] in on_lease else ()),
            *not_ahead(row, "registered_on", asked.today),
            *(licence_incomplete(whole) if PAPERS & row.keys() else ()),
        ]
        for row, whole, problems in zip(asked.rows, asked.whole, found, strict=True)
    ]


_ON_LEASE: Final = RowProblem(
    "vehicle_on_lease",
    "stage",
    "a lease has the vehicle, or is promised it: hand it over and take it back under it",
    "车辆在租或已预订，请通过交车、还车办理",
)


def _save_vehicles(asked: Asked) -> None:
    of_registry = [
        {name: told for name, told in row.items() if name not in PAPERS} for row in asked.rows
    ]
    saved = registry.save_vehicles(asked.conn, asked.actor, of_registry, now=asked.now)
    licences = [
        compliance.LicenceRow(**licence_kept(whole))
        for row, whole in zip(asked.rows, asked.whole, strict=True)
        if PAPERS & row.keys()
    ]
    if licences:
        compliance.save_licences(asked.conn, asked.actor, rows=licences, now=asked.now)
    refreshed = {licence.vin for licence in licences}
    others = [id_ for vin, id_ in saved.vehicle_ids.items() if vin not in refreshed]
    if others:
        compliance.refresh_papers(asked.conn, vehicle_ids=others, now=asked.now)
        maintenance.refresh_maintenance(asked.conn, vehicle_ids=others, now=asked.now)


# Models


def _known_models(asked: Asked, codes: Sequence[str]) -> Known:
    return models.known_models(asked.conn, codes)


def _check_models(asked: Asked) -> list[list[RowProblem]]:
    actor = asked.actor
    found = models.check_models(asked.conn, asked.rows, asked.known)
    assert actor.organisation_code is not None
    own = orgs.get_organisation(asked.conn, actor, code=actor.organisation_code)
    if own.id == own.tenant_id:
        return found
    en, zh = "the head of the tree keeps the catalogue", "车型库由总部维护"
    return [[*problems, RowProblem("models_kept_by_head", None, en, zh)] for problems in found]


def _save_models(asked: Asked) -> None:
    models.save_models(asked.conn, asked.actor, asked.rows, now=asked.now)


# Papers


def _known_policies(asked: Asked, policy_nos: Sequence[str]) -> Known:
    known = compliance.known_policies(asked.conn, asked.actor, policy_nos=policy_nos)
    return {number: {"policy_no": number, **policy_told(facts)} for number, facts in known.items()}


def _check_policies(asked: Asked) -> list[list[RowProblem]]:
    return [_against_policy(row, asked.known.get(row["policy_no"], {})) for row in asked.rows]


def _against_policy(row: Row, known: Row) -> list[RowProblem]:
    problems = []
    try:
        compliance.parse_policy_no(row["policy_no"])
    except DomainError as error:
        zh = f"“{row['policy_no']}”不是有效的保单号"
        problems.append(RowProblem(error.code, "policy_no", error.message, zh))
    if not known:
        problems += reserved(row["policy_no"], "policy_no")
    if known.get("voided"):
        en, zh = "the policy was voided", "该保单已作废"
        problems.append(RowProblem("policy_voided", "policy_no", en, zh))
    return problems


def _save_policies(asked: Asked) -> None:
    rows = [
        compliance.PolicyRow(
            **policy_kept(whole),
            covers=tuple(compliance.InsuredSum(*each) for each in sums_of(whole)),
        )
        for whole in asked.whole
    ]
    compliance.save_policies(asked.conn, asked.actor, rows=rows, now=asked.now)


def _known_inspections(asked: Asked, keys: Sequence[Any]) -> Known:
    known = compliance.known_inspections(asked.conn, asked.actor, keys=keys)
    return {key: inspection_told(key, facts) for key, facts in known.items()}


def _check_inspections(asked: Asked) -> list[list[RowProblem]]:
    return [
        [*not_ahead(row, "inspected_on", asked.today), *not_over(whole)]
        for row, whole in zip(asked.rows, asked.whole, strict=True)
    ]


def _save_inspections(asked: Asked) -> None:
    rows = [compliance.InspectionRow(**inspection_kept(whole)) for whole in asked.whole]
    compliance.save_inspections(asked.conn, asked.actor, rows=rows, now=asked.now)


# Work


def _known_work_orders(asked: Asked, references: Sequence[str]) -> Known:
    known = work.known_work_orders(asked.conn, references)
    return {key: facts | {"cost_fen": facts["cost_fen"] or 0} for key, facts in known.items()}


def _check_work_orders(asked: Asked) -> list[list[RowProblem]]:
    return [
        [*not_ahead(row, "opened_on", asked.today), *not_ahead(row, "finished_on", asked.today)]
        for row in asked.rows
    ]


def _save_work_orders(asked: Asked) -> None:
    work.save_work_orders(asked.conn, asked.actor, asked.whole, now=asked.now)


SOURCES: Final[Mapping[str, Source]] = {
    "vehicles": Source(_known_vehicles, _check_vehicles, _save_vehicles, store.list_held_vins),
    "models": Source(
        _known_models,
        _check_models,
        _save_models,
        lambda conn, _organisation: store.list_model_codes(conn),
    ),
    "policies": Source(
        _known_policies,
        _check_policies,
        _save_policies,
        lambda conn, code: store.list_policy_nos(conn, store.list_held_vins(conn, code)),
    ),
    "inspections": Source(
        _known_inspections,
        _check_inspections,
        _save_inspections,
        lambda conn, code: store.list_inspection_keys(conn, store.list_held_vins(conn, code)),
    ),
    "work_orders": Source(
        _known_work_orders,
        _check_work_orders,
        _save_work_orders,
        store.list_work_order_references,
    ),
    "customers": CUSTOMERS,
    "leases": LEASES,
}
"""By the name of the kind of sheet."""
