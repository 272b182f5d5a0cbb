"""Keeps from when, how far ahead, and as whom an organisation bills.

The nearest settings above count; where there are none, nothing is billed. After a change all leases
below are looked at again. Leaves out what is billed: `running`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.audit import service as audit
from fleet.billing.errors import BillingSettingsMissing, DraftedAfterIssued
from fleet.billing.settings import store
from fleet.billing.settings.model import Billing, BillingSettings
from fleet.local_days import local_day
from fleet.orgs import service as orgs
from kit.errors import VersionChanged
from schemas.access import Actor


def settings_of(conn: Connection[Any], actor: Actor, *, organisation_code: str) -> BillingSettings:
    """The settings that count for an organisation.

    Raises:
        OrganisationNotFound: there is none in sight.
        BillingSettingsMissing: nobody has said them, for it or for any above.
    """
    actor.require("bill.read")
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    return settings_for(conn, organisation.id, organisation_code)


def settings_for(
    conn: Connection[Any], organisation_id: int, organisation_code: str
) -> BillingSettings:
    """The same by id; whoever calls decides who may ask.

    Raises:
        BillingSettingsMissing: nobody has said them, for it or for any above.
    """
    found = store.find_settings(conn, organisation_id)
    if found is None:
        raise BillingSettingsMissing(
            f"nobody has said how {organisation_code} bills", organisation_code=organisation_code
        )
    return found


def set_settings(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_code: str,
    version: int,
    billing: Billing,
    now: datetime,
) -> BillingSettings:
    """The organisation bills like this from now on; `version` 0: it had no settings of its own.

    What was issued stays as it is; drafts are made anew.

    Raises:
        OrganisationNotFound: there is none in sight.
        VersionChanged: somebody changed its settings since `version` was read.
        DraftedAfterIssued: bills would be issued before they are drafted.
    """
    actor.require("billing.change")
    if billing.draft_days < billing.issue_days:
        raise DraftedAfterIssued(
            f"drafted {billing.draft_days} days ahead, issued {billing.issue_days}"
        )
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    had = store.lock_settings(conn, organisation.id)
    if had != version:
        raise VersionChanged(f"the settings are at version {had}", code=organisation_code)
    was = store.find_settings(conn, organisation.id)
    row = {
        **asdict(billing),
        "seller": Jsonb(dict(billing.seller)),
        "organisation_id": organisation.id,
        "tenant_id": organisation.tenant_id,
        "changed_by": actor.name,
        "changed_at": now,
    }
    if had:
        store.update_settings(conn, row)
    elif not store.insert_settings(conn, row):
        raise VersionChanged("somebody else has just said them", code=organisation_code)
    on = local_day(now, organisation.time_zone)
    store.look_again_below(conn, organisation.id, on=on)
    audit.record(
        conn,
        actor,
        "billing.change",
        object_kind="organisation",
        object_key=organisation_code,
        now=now,
        before=_told(was.billing) if was and had else None,
        after=_told(billing),
        organisation_id=organisation.tenant_id,
    )
    return settings_for(conn, organisation.id, organisation_code)


def _told(billing: Billing) -> Mapping[str, Any]:
    """As the trail keeps it: whom to speak to is left out."""
    seller = {name: billing.seller.get(name) for name in ("name", "tax_no", "bank", "account")}
    about = {name: getattr(billing, name) for name in ("draft_days", "issue_days", "issues_itself")}
    return {**about, "bills_from_on": billing.bills_from_on.isoformat(), "seller": seller}
