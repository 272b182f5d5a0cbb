"""Tells the figures in force on a day, and lets the head of a tenant set its own from a day on.

A tenant's own figures come before everybody's. Before the first day anything is known of, the first
figures count. Nothing is changed or taken back: a correction is a further row, the last of a day
counts. Leaves out what may stand in them (`fleet/figures.py`) and what is decided from them.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from psycopg import Connection
from pydantic import ValidationError

from fleet.audit import service as audit
from fleet.figure import Figures
from fleet.figures import (
    KINDS,
    BatteryTestLimits,
    InspectionIntervals,
    InspectionOverdue,
    InspectionWindow,
    InsuredUse,
    PermitRules,
    RenewalWindows,
    ScrapRisk,
    ServiceLife,
)
from fleet.parameters import store
from fleet.parameters.errors import FiguresInvalid, ParameterNotFound, ParameterNotYours
from fleet.parameters.model import DatedFigures, SetFigures
from schemas.access import Actor

__all__ = [
    "TOUCHING_OBLIGATIONS",
    "DatedFigures",
    "SetFigures",
    "figures",
    "list_history",
    "list_parameters",
    "set_figures",
]

Kind = TypeVar("Kind", bound=Figures)
TOUCHING_OBLIGATIONS: Final = frozenset(
    kind.name
    for kind in (
        BatteryTestLimits,
        InspectionIntervals,
        InspectionOverdue,
        InspectionWindow,
        InsuredUse,
        PermitRules,
        RenewalWindows,
        ScrapRisk,
        ServiceLife,
    )
)
"""What falls due is decided from these: after a change it is decided again."""


def figures(conn: Connection[Any], kind: type[Kind], *, tenant_id: int, on: date) -> Kind:
    """The figures of this kind in force for the tenant on that day.

    Takes no permission: they are law. Raises LookupError if the migrations that brought them are
    missing, a fault of the installation.
    """
    content = store.find_figures(conn, kind.name, tenant_id=tenant_id, on=on)
    if content is None:
        raise LookupError(f"no figures of {kind.name}")
    return kind.model_validate(content)


def list_parameters(conn: Connection[Any], actor: Actor, *, on: date) -> list[DatedFigures]:
    """The figures of every name in force on that day for the actor's tenant, by name."""
    actor.require("parameter.read")
    rows = store.list_figures(conn, organisation_id=actor.organisation_id, on=on)
    return [row for row in rows if row.name in KINDS]


def list_history(conn: Connection[Any], actor: Actor, *, name: str) -> list[DatedFigures]:
    """Everything ever written of a name, of the actor's tenant and everybody's, the last first.

    Raises:
        ParameterNotFound: there is no such name.
    """
    actor.require("parameter.read")
    _kind_of(name)
    return store.list_history(conn, name, organisation_id=actor.organisation_id)


def set_figures(
    conn: Connection[Any],
    actor: Actor,
    *,
    name: str,
    valid_from_on: date,
    content: Mapping[str, Any],
    source: str,
    now: datetime,
) -> SetFigures:
    """The tenant's own figures from that day on, until others are set; `source` says by what.

    The caller has what falls due decided again where it is touched.

    Raises:
        ParameterNotFound: there is no such name.
        ParameterNotYours: the actor is not of the head of a tenant.
        FiguresInvalid: the name does not hold such figures; it says where.
    """
    actor.require("parameter.change")
    kind = _kind_of(name)
    tenant_id = actor.organisation_id
    if tenant_id is None or not store.is_head(conn, tenant_id):
        raise ParameterNotYours(f"{name} is set by the head of a tenant", name=name)
    checked = _checked(kind, content)
    before = store.find_figures(conn, name, tenant_id=tenant_id, on=valid_from_on)
    written = DatedFigures(
        name=name,
        valid_from_on=valid_from_on,
        content=checked,
        source=source,
        own=True,
        recorded_by=actor.name,
        recorded_at=now,
    )
    store.insert_figures(conn, written, tenant_id=tenant_id)
    audit.record(
        conn,
        actor,
        "parameter.change",
        object_kind="parameter",
        object_key=name,
        now=now,
        before={"content": before},
        after={
            "content": checked,
            "valid_from_on": valid_from_on.isoformat(),
            "source": source,
        },
        organisation_id=tenant_id,
    )
    return SetFigures(written, name in TOUCHING_OBLIGATIONS)


def _kind_of(name: str) -> type[Figures]:
    kind = KINDS.get(name)
    if kind is None:
        raise ParameterNotFound(f"there are no figures of {name!r}", name=name)
    return kind


def _checked(kind: type[Figures], content: Mapping[str, Any]) -> dict[str, object]:
    """The content as it is kept: whole, and of the types it has to be.

    Raises:
        FiguresInvalid: it is not.
    """
    try:
        checked = kind.model_validate_json(json.dumps(dict(content)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or kind.name
        raise FiguresInvalid(
            f"{place}: {first['msg']}", place=place, problem=first["msg"]
        ) from None
    return checked.model_dump(mode="json")
