"""Decides whom a figure is asked of: an organisation with those below it, in its zone."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.kpis import store
from fleet.kpis.model import Asked
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.orgs import service as orgs
from schemas.access import Actor


def asked_of(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    known_at: datetime | None,
    now: datetime,
) -> Asked:
    """The organisation of this code, or the actor's own, with those below it.

    Of an instant that lies ahead no more is known than now.

    Raises:
        OrganisationNotFound: there is none in sight.
    """
    actor.require("kpi.read")
    if known_at is not None and known_at >= now:
        known_at = None
    code = organisation or actor.organisation_code
    top = None if code is None else orgs.get_organisation(conn, actor, code=code)
    members = store.list_scope(conn, None if top is None else top.id)
    zone = DEFAULT_ZONE if top is None else top.time_zone
    return Asked(
        organisation_code=code,
        members={member.id: member for member in members},
        zone=zone,
        today=local_day(now, zone),
        known_at=known_at or now,
        as_known=known_at,
        tenant_id=None if top is None else top.tenant_id,
    )
