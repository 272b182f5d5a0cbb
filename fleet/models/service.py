"""Keeps the catalogue of vehicle models of a tenant.

One catalogue a tree: its head writes it, all below read it. Vehicles bear the name of their model;
when it is renamed, so are they. Leaves out the vehicles' own facts (`fleet/registry`) and the plans
of maintenance that hang on a model (`fleet/service`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.figures import IdleCare
from fleet.local_days import local_day
from fleet.models import store
from fleet.models.care import care_of, check_care
from fleet.models.errors import ModelNotFound, ModelsKeptByHead
from fleet.models.model import CHEMISTRIES, Chemistry, ModelFacts, SavedModels, VehicleModel
from fleet.models.rows import FIELDS, check_model_row
from fleet.orgs import service as orgs
from fleet.parameters import service as parameters
from fleet.row_problems import RowProblem
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.addresses import check_not_reserved

__all__ = [
    "CHEMISTRIES",
    "Chemistry",
    "ModelFacts",
    "SavedModels",
    "VehicleModel",
    "care_of",
    "change_model",
    "check_models",
    "create_model",
    "get_model",
    "known_models",
    "list_models",
    "save_models",
]


def list_models(
    conn: Connection[Any],
    actor: Actor,
    *,
    search: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[VehicleModel]:
    """Models in sight by code, those after `after`; `search` is a part of code, name or maker."""
    actor.require("vehicle.read")
    return store.list_models(conn, search=search, after=after, limit=limit)


def get_model(
    conn: Connection[Any], actor: Actor, *, code: str, tenant_id: int | None = None
) -> VehicleModel:
    """The model with this code; of this tenant, where the actor sees several.

    Raises:
        ModelNotFound: there is none in sight.
    """
    actor.require("vehicle.read")
    found = store.list_models(conn, tenant_id=tenant_id, codes=[code], limit=1)
    if not found:
        raise ModelNotFound(f"no model has the code {code!r}", model_code=code)
    return found[0]


def create_model(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    facts: ModelFacts,
    head_code: str | None = None,
    now: datetime,
) -> VehicleModel:
    """A new model in the catalogue of the actor's tenant; of `head_code`'s, if the system asks.

    Raises:
        ModelsKeptByHead: the actor does not act for the head of the tree.
        ModelExists, ModelNameTaken: another has the code or the name.
        ModelCodeMalformed, CareMalformed: the input cannot be used.
        CodeReserved: the code is a word of the addresses.
    """
    actor.require("model.change")
    check_not_reserved(code)
    head = _head_of(conn, actor, head_code)
    facts = _checked(conn, facts, tenant_id=head.tenant_id, now=now)
    model_id = store.insert_model(conn, tenant_id=head.tenant_id, code=code, facts=facts)
    _record(conn, actor, "model.create", code, head.tenant_id, now=now, after=_told(facts))
    return VehicleModel(**_fields(facts), id=model_id, tenant_id=head.tenant_id, code=code)


def change_model(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    version: int,
    facts: ModelFacts,
    now: datetime,
) -> VehicleModel:
    """The model as it is to be. Its vehicles bear its name.

    Raises:
        ModelNotFound: there is none in sight.
        ModelsKeptByHead: the actor does not act for the head of the tree.
        VersionChanged: somebody changed it since `version` was read.
        ModelNameTaken, CareMalformed: the input cannot be used.
    """
    actor.require("model.change")
    was = get_model(conn, actor, code=code)
    if actor.organisation_id not in (None, was.tenant_id):
        raise _kept_by_head(actor)
    facts = _checked(conn, facts, tenant_id=was.tenant_id, now=now)
    if not store.update_model(conn, was, version=version, facts=facts):
        raise VersionChanged(f"model {code} is at version {was.version}", model_code=code)
    if facts.name != was.name:
        store.rename_vehicles(conn, tenant_id=was.tenant_id, codes=[code])
    _record(
        conn,
        actor,
        "model.change",
        code,
        was.tenant_id,
        now=now,
        before=_told(was),
        after=_told(facts),
    )
    return replace(was, **_fields(facts), version=version + 1)


def known_models(conn: Connection[Any], codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of the codes that have a model in sight, each with what a sheet says of a model."""
    return {
        model.code: {"code": model.code, **{name: _fields(model)[name] for name in FIELDS}}
        for model in store.list_models(conn, codes=codes)
    }


def check_models(
    conn: Connection[Any],
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> list[list[RowProblem]]:
    """What is wrong with each row, beside `known_models` of them; in their order."""
    names = [row["name"] for row in rows if row.get("name") is not None]
    code_of_name = {model.name: model.code for model in store.list_models(conn, names=names)}
    return [check_model_row(row, known.get(row["code"]), code_of_name) for row in rows]


def save_models(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    *,
    head_code: str | None = None,
    now: datetime,  # noqa: ARG001 - rows of every kind are saved by the same call
) -> SavedModels:
    """Write checked rows of a sheet: models that are new, and what differs of the others.

    A field that is absent or None leaves what is there. One statement each. Writes no audit entry:
    the import does.

    Raises:
        ModelsKeptByHead: the actor does not act for the head of the tree.
        ModelExists, ModelNameTaken: the rows contradict one another.
    """
    actor.require("model.change")
    head = _head_of(conn, actor, head_code)
    saved = store.save_models(conn, tenant_id=head.tenant_id, rows=rows)
    store.rename_vehicles(conn, tenant_id=head.tenant_id, codes=[row["code"] for row in rows])
    return saved


def _head_of(conn: Connection[Any], actor: Actor, head_code: str | None) -> Any:
    code = head_code if actor.organisation_code is None else actor.organisation_code
    if code is None:
        raise _kept_by_head(actor)
    head = orgs.get_organisation(conn, actor, code=code)
    if head.id != head.tenant_id:
        raise _kept_by_head(actor)
    return head


def _kept_by_head(actor: Actor) -> ModelsKeptByHead:
    return ModelsKeptByHead(
        "the head of the tree keeps the catalogue", organisation_code=actor.organisation_code
    )


def _checked(
    conn: Connection[Any], facts: ModelFacts, *, tenant_id: int, now: datetime
) -> ModelFacts:
    if not facts.care:
        return facts
    base = parameters.figures(conn, IdleCare, tenant_id=tenant_id, on=local_day(now))
    return replace(facts, care=check_care(base, facts.care))


def _fields(facts: ModelFacts) -> dict[str, Any]:
    return {name: asdict(facts)[name] for name in (*FIELDS, "care")}


def _told(facts: ModelFacts) -> dict[str, Any]:
    """As the trail keeps it: what is known of it, amounts as text."""
    known = {name: value for name, value in _fields(facts).items() if value not in (None, {})}
    return {
        name: str(value) if name in ("battery_kwh", "box_volume_m3") else value
        for name, value in known.items()
    }


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    code: str,
    tenant_id: int,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="model",
        object_key=code,
        now=now,
        before=before,
        after=after,
        organisation_id=tenant_id,
    )
