"""Keeps the list of rents 标价: what a model is let for, by kind of lease, from a day on.

An organisation without a price of its own asks the list of the head. Nothing is changed or taken
back: a correction is a further row, the last of a day counts. Leaves out what a discount from it
takes (`approvals.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing import store as leases
from fleet.leasing.model import ListPrice
from fleet.leasing.prices import store
from fleet.leasing.refusals import ListPriceUnitWrong
from fleet.leasing.terms import LeaseKind, Terms, TermUnit
from fleet.local_days import local_day
from fleet.models import service as models
from fleet.orgs import service as orgs
from schemas.access import Actor


def set_price(
    conn: Connection[Any],
    actor: Actor,
    *,
    model_code: str,
    lease_kind: LeaseKind,
    rent_fen: int,
    per: TermUnit,
    deposit_fen: int,
    valid_from_on: date | None = None,
    organisation_code: str | None = None,
    now: datetime,
) -> ListPrice:
    """What the model is let for by the list from that day on, today unless said.

    Of the organisation acted for, unless one below it is named.

    Raises:
        OrganisationNotFound, ModelNotFound: there is none in sight.
        ListPriceUnitWrong: by the day, and not for a short lease.
    """
    actor.require("price.change")
    if per == "day" and lease_kind != "short":
        raise ListPriceUnitWrong("only short leases are by the day", lease_kind=lease_kind)
    organisation = _organisation(conn, actor, organisation_code)
    model = models.get_model(conn, actor, code=model_code, tenant_id=organisation.tenant_id)
    from_on = valid_from_on or local_day(now, organisation.time_zone)
    row: dict[str, Any] = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "model_id": model.id,
        "lease_kind": lease_kind,
        "rent_fen": rent_fen,
        "per": per,
        "deposit_fen": deposit_fen,
        "valid_from_on": from_on,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    store.insert_price(conn, row)
    audit.record(
        conn,
        actor,
        "price.change",
        object_kind="rent_price",
        object_key=f"{organisation.code}/{model_code}",
        now=now,
        after={
            "lease_kind": lease_kind,
            "rent_fen": rent_fen,
            "per": per,
            "deposit_fen": deposit_fen,
            "valid_from_on": from_on.isoformat(),
        },
        organisation_id=organisation.tenant_id,
    )
    told = {name: row[name] for name in _TOLD}
    return ListPrice(**told, organisation_code=organisation.code, model_code=model_code)


def list_prices(
    conn: Connection[Any],
    actor: Actor,
    *,
    on: date | None = None,
    organisation_code: str | None = None,
    model_code: str | None = None,
    lease_kind: LeaseKind | None = None,
    after: tuple[str, str, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[ListPrice]:
    """The list in force on a day, today unless said, of the organisation acted for or one below it.

    `after`: model code, kind and unit of the last one of the page before.

    Raises:
        OrganisationNotFound, ModelNotFound: there is none in sight.
    """
    actor.require("lease.read")
    organisation = _organisation(conn, actor, organisation_code)
    tenant_id = organisation.tenant_id
    model_ids = None
    if model_code is not None:
        model_ids = [models.get_model(conn, actor, code=model_code, tenant_id=tenant_id).id]
    return store.list_prices(
        conn,
        organisation_id=organisation.id,
        tenant_id=tenant_id,
        on=on or local_day(now, organisation.time_zone),
        model_ids=model_ids,
        lease_kind=lease_kind,
        after=after,
        limit=limit,
    )


def price_for(
    conn: Connection[Any],
    *,
    organisation_id: int,
    tenant_id: int,
    model_id: int,
    lease_kind: LeaseKind,
    on: date,
) -> list[ListPrice]:
    """What a model is let for by the list of an organisation on a day: by the day, by the month.

    Takes no permission: whoever calls decides who may ask.
    """
    return store.list_prices(
        conn,
        organisation_id=organisation_id,
        tenant_id=tenant_id,
        on=on,
        model_ids=[model_id],
        lease_kind=lease_kind,
    )


def prices_of_lines(
    conn: Connection[Any], terms: Terms, *, organisation_id: int, tenant_id: int, on: date
) -> Mapping[int, ListPrice]:
    """The price of the list for each line, by its number: in the line's unit, else in the other."""
    codes = _codes_of_lines(conn, terms)
    ids = leases.list_line_models(conn, sorted(set(codes.values())), tenant_id=tenant_id)
    found = store.list_prices(
        conn,
        organisation_id=organisation_id,
        tenant_id=tenant_id,
        on=on,
        model_ids=sorted(ids.values()),
        lease_kind=terms.kind,
    )
    priced = {}
    for line in terms.lines:
        listed = [price for price in found if price.model_code == codes.get(line.no)]
        listed.sort(key=lambda price: price.per != line.per)
        if listed:
            priced[line.no] = listed[0]
    return priced


def _codes_of_lines(conn: Connection[Any], terms: Terms) -> dict[int, str]:
    """The model of each line: the one it asks for, else that of its vehicle."""
    vins: Sequence[str] = [line.vin for line in terms.lines if line.vin and not line.model_code]
    vehicles = leases.list_line_vehicles(conn, vins) if vins else {}
    codes = {}
    for line in terms.lines:
        vehicle = vehicles.get(line.vin or "")
        code = line.model_code or (None if vehicle is None else vehicle.model_code)
        if code is not None:
            codes[line.no] = code
    return codes


def _organisation(conn: Connection[Any], actor: Actor, code: str | None) -> orgs.Organisation:
    wanted = code if code is not None else actor.organisation_code
    return orgs.get_organisation(conn, actor, code=wanted or "")


_TOLD = (
    "model_id",
    "lease_kind",
    "rent_fen",
    "per",
    "deposit_fen",
    "valid_from_on",
    "recorded_by",
    "recorded_at",
)
