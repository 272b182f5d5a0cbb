"""Tells the VAT rates of an organisation on a day, and keeps which taxpayer it is.

Where neither it nor anybody above it said, an organisation is a general taxpayer. What is said
holds from its day on until something else is; bills that are issued keep their rates. Leaves out
the split itself (`rates.py`) and the rates, which are figures with their day (`fleet/parameters`).
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.money_figures import VatRates, VatTreatment
from fleet.orgs import service as orgs
from fleet.parameters import service as parameters
from fleet.vat import store
from fleet.vat.model import TAXPAYERS, Taxpayer, TaxProfile
from fleet.vat.rates import VatTable, split
from schemas.access import Actor

__all__ = [
    "TAXPAYERS",
    "TaxProfile",
    "Taxpayer",
    "VatTable",
    "list_taxpayers",
    "rates_of",
    "rates_on",
    "set_taxpayer",
    "split",
]


def rates_on(conn: Connection[Any], *, organisation_id: int, tenant_id: int, on: date) -> VatTable:
    """The rates of an organisation on a day: the due day of what is billed.

    Whoever calls decides who may ask.
    """
    taxpayer, simplified = store.find_profile(conn, organisation_id, on) or ("general", False)
    return VatTable(
        taxpayer,
        simplified,
        parameters.figures(conn, VatRates, tenant_id=tenant_id, on=on),
        parameters.figures(conn, VatTreatment, tenant_id=tenant_id, on=on),
    )


def rates_of(
    conn: Connection[Any], wanted: Collection[tuple[int, int, date]]
) -> dict[tuple[int, date], VatTable]:
    """The rates of many: (organisation, tenant, day) each, by organisation and day.

    Figures are read once a tenant and day. Whoever calls decides who may ask.
    """
    profiles = store.find_profiles(conn, [(each, on) for each, _tenant, on in wanted])
    figures: dict[tuple[int, date], tuple[VatRates, VatTreatment]] = {}
    for _organisation, tenant_id, on in wanted:
        if (tenant_id, on) not in figures:
            figures[tenant_id, on] = (
                parameters.figures(conn, VatRates, tenant_id=tenant_id, on=on),
                parameters.figures(conn, VatTreatment, tenant_id=tenant_id, on=on),
            )
    return {
        (each, on): VatTable(*profiles.get((each, on), ("general", False)), *figures[tenant, on])
        for each, tenant, on in wanted
    }


def set_taxpayer(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str,
    taxpayer: Taxpayer,
    simplified: bool = False,
    valid_from_on: date,
    now: datetime,
) -> TaxProfile:
    """The organisation is this taxpayer from that day on, and those below it that say nothing.

    A correction is said for the same day once more: the last counts. What was billed stays.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        SimplifiedIsGeneral: a small-scale taxpayer does not choose 简易计税.
    """
    actor.require("tax.change")
    about = orgs.get_organisation(conn, actor, code=organisation)
    said = {
        "taxpayer": taxpayer,
        "simplified": simplified,
        "valid_from_on": valid_from_on,
    }
    row = {"tenant_id": about.tenant_id, "organisation_id": about.id}
    by = {"recorded_by": actor.name, "recorded_at": now}
    made = store.insert_profile(conn, {**row, **said, **by})
    audit.record(
        conn,
        actor,
        "tax.change",
        object_kind="taxpayer",
        object_key=organisation,
        now=now,
        after={**said, "valid_from_on": valid_from_on.isoformat()},
        organisation_id=about.tenant_id,
    )
    [found] = store.list_profiles(conn, {"id": made}, after=None, limit=1)
    return found


def list_taxpayers(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: int | None = None,
    limit: int = 50,
) -> list[TaxProfile]:
    """What was ever said, the last first. `filters`: organisation (or below it)."""
    actor.require("invoice.read")
    return store.list_profiles(conn, filters, after=after, limit=limit)
