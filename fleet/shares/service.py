"""Keeps what the operator of vehicles owes their owner, 分成: agreements and monthly settlements.

An agreement is the owner's; the operator reads it and what was settled, nobody else does. A month
is settled once, when it is over, vehicle by vehicle, and frozen; what becomes known of settled
months later goes into the next settlement as a correction, for a year. What would fall below
nothing is carried on. Each settlement is posted in both books. Leaves out how the amount of a
vehicle comes about (`amounts.py`), what vehicles earn (`fleet/earnings`), and the printed paper.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.orgs import service as orgs
from fleet.shares import store
from fleet.shares.errors import (
    ShareAgreedAlready,
    SharedWithItself,
    ShareEndedAlready,
    ShareEndsBeforeStart,
    ShareMonthSettled,
)
from fleet.shares.finding.service import agreement_of, locked, note, settlement_of
from fleet.shares.model import (
    BASES,
    Agreement,
    Basis,
    Correction,
    SettledShare,
    Settlement,
    Statement,
    UnsettledMonth,
    VehicleShare,
)
from fleet.shares.settling.service import preview, settle
from schemas.access import Actor

__all__ = [
    "BASES",
    "Agreement",
    "Basis",
    "Correction",
    "SettledShare",
    "Settlement",
    "Statement",
    "UnsettledMonth",
    "VehicleShare",
    "agree",
    "end_agreement",
    "get_agreement",
    "get_settlement",
    "list_agreements",
    "list_settled",
    "list_settlements",
    "list_unsettled",
    "preview",
    "settle",
]
list_settled = store.list_settled
list_unsettled = store.list_unsettled


def agree(
    conn: Connection[Any],
    actor: Actor,
    *,
    owner_code: str,
    operator_code: str,
    basis: Basis,
    share_pct: Decimal,
    floor_fen: int,
    from_month_on: date,
    until_month_on: date | None = None,
    now: datetime,
) -> Agreement:
    """The operator owes the owner a share of what its vehicles bring in, at least the floor.

    For whole months [from_month_on, until_month_on); `floor_fen` a vehicle and month.

    Raises:
        OrganisationNotFound: one of the two is not in sight.
        SharedWithItself: they are one.
        ShareEndsBeforeStart: it would last no month.
        ShareAgreedAlready: they have one for some of these months, be it above or below.
    """
    actor.require("share.change")
    owner = orgs.get_organisation(conn, actor, code=owner_code)
    operator = orgs.get_organisation(conn, actor, code=operator_code)
    if owner.id == operator.id:
        raise SharedWithItself(f"{owner.code} is both", organisation=owner.code)
    if until_month_on is not None and until_month_on <= from_month_on:
        raise ShareEndsBeforeStart(f"it begins with {from_month_on:%Y-%m}")
    row = {
        "tenant_id": owner.tenant_id,
        "organisation_id": owner.id,
        "operator_id": operator.id,
        "basis": basis,
        "share_pct": share_pct,
        "floor_fen": floor_fen,
        "valid_from_on": from_month_on.replace(day=1),
        "valid_until_on": until_month_on and until_month_on.replace(day=1),
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    if store.has_agreement_beside(conn, row):
        raise ShareAgreedAlready("somebody above or below the operator has one", owner=owner.code)
    made = agreement_of(conn, store.insert_agreement(conn, row))
    told = {
        "owner": owner.code,
        "operator": operator.code,
        "basis": basis,
        "share_pct": str(share_pct),
        "floor_fen": floor_fen,
        "from": f"{made.valid_from_on:%Y-%m}",
        "until": made.valid_until_on and f"{made.valid_until_on:%Y-%m}",
    }
    note(conn, actor, "share.agree", made, now=now, after=told)
    return made


def end_agreement(
    conn: Connection[Any], actor: Actor, *, key: UUID, until_month_on: date, now: datetime
) -> Agreement:
    """The agreement ends before this month; once, and never later than was agreed.

    Raises:
        ShareAgreementNotFound: there is none in sight.
        ShareNotYours: the operator asks.
        ShareEndedAlready: its end was said before, or is before that month anyway.
        ShareEndsBeforeStart: no month of it would be left.
        ShareMonthSettled: a month from then on is settled.
    """
    actor.require("share.change")
    was = locked(conn, key)
    until_on = until_month_on.replace(day=1)
    ends_on = was.valid_until_on
    if ends_on is not None and (until_on > ends_on or store.is_ended(conn, was.id)):
        raise ShareEndedAlready(f"it ends before {ends_on:%Y-%m}", key=str(key))
    if until_on <= was.valid_from_on:
        raise ShareEndsBeforeStart(f"it begins with {was.valid_from_on:%Y-%m}")
    settled = store.list_settlements(conn, {"agreement_id": was.id}, limit=1_000)
    late = [each.month_on for each in settled if each.month_on >= until_on]
    if late:
        raise ShareMonthSettled(f"{max(late):%Y-%m} is settled", month=f"{max(late):%Y-%m}")
    store.mark_ended(conn, was.id, valid_until_on=until_on, ended_by=actor.name)
    note(conn, actor, "share.end", was, now=now, after={"until": f"{until_on:%Y-%m}"})
    return agreement_of(conn, key)


def list_agreements(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Agreement]:
    """Agreements in sight as owner or operator, the last recorded first.

    `filters`: organisation (as either side, or below it), in_force_on (a day).
    """
    actor.require("share.read")
    return store.list_agreements(conn, filters, after=after, limit=limit)


def get_agreement(conn: Connection[Any], actor: Actor, *, key: UUID) -> Agreement:
    """The agreement with this key.

    Raises:
        ShareAgreementNotFound: there is none in sight.
    """
    actor.require("share.read")
    return agreement_of(conn, key)


def list_settlements(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Settlement]:
    """Settlements in sight as owner or operator, the last settled first.

    `filters`: agreement (its key), month_on, organisation (as either side, or below it).
    """
    actor.require("share.read")
    return store.list_settlements(conn, filters, after=after, limit=limit)


def get_settlement(conn: Connection[Any], actor: Actor, *, key: UUID) -> Settlement:
    """The settlement with this key.

    Raises:
        ShareSettlementNotFound: there is none in sight.
    """
    actor.require("share.read")
    return settlement_of(conn, key)
