"""Looks at leases: drafts what shall be billed, discards what does not hold, takes off what was too
much, issues what is due.

It may be done as often, and as late, as one likes: only what differs is done. Many leases are
looked at in one transaction; each belongs to whoever claimed it first, until the commit. A lease
that cannot be billed is noted, the others are billed. Leaves out transactions: `jobs.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing.crediting import service as crediting
from fleet.billing.deciding.model import Decided
from fleet.billing.deciding.service import Rates, decide
from fleet.billing.gathering.service import gather
from fleet.billing.issuing import service as issuing
from fleet.billing.issuing.model import Issued
from fleet.billing.model import BillDraft
from fleet.billing.running import store
from fleet.billing.running.model import ALL, BillingFault, Claimed, Part, RunCounts
from fleet.billing.running.tally import Tally
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from schemas.access import Actor

ONE_DAY: Final = timedelta(days=1)
MOST_OF_A_FAULT: Final = 500
Chosen = Callable[[Decided, BillDraft], bool]


def list_tenants(conn: Connection[Any], actor: Actor) -> list[int]:
    """The tenants that bill, by the ids of their heads. For the job over all of them."""
    actor.require("bill.issue")
    return store.list_tenants(conn)


def list_due(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_id: int,
    part: Part = ALL,
    now: datetime,
) -> list[int]:
    """Leases to look at, of an organisation and below: their day came, or something happened."""
    actor.require("bill.issue")
    store.enrol(conn, organisation_id, part=part, now=now)
    return store.list_due(conn, organisation_id, part=part, now=now)


def look_at(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_ids: Sequence[int],
    now: datetime,
    rates: Rates | None = None,
) -> RunCounts:
    """Do what is to be done for these leases; those that somebody else is billing are left to them.

    What fails as it is written fails for all: then each is looked at alone, by whoever calls.
    `rates` is kept from one call to the next of a run.
    """
    actor.require("bill.issue")
    store.prepare_run(conn)
    claimed = store.claim(conn, lease_ids)
    known = gather(conn, claimed, now=now)
    decided, faults = decide(conn, claimed, known, rates={} if rates is None else rates)
    tally = Tally()
    for lease in claimed:
        tally.of(lease).leases += 1
    _carry_out(conn, actor, decided, tally, chosen=_when_due, now=now)
    _look_later(conn, claimed, decided, faults, tally, now=now)
    _tell(conn, actor, tally, now=now)
    return tally.counts()


def note_fault(
    conn: Connection[Any], actor: Actor, *, lease_id: int, fault: Exception, now: datetime
) -> RunCounts:
    """The lease could not be billed: it is looked at again tomorrow, or when something happens."""
    actor.require("bill.issue")
    claimed = store.claim(conn, [lease_id])
    tally = Tally()
    for lease in claimed:
        tally.of(lease).leases += 1
    _look_later(conn, claimed, [], {lease_id: fault}, tally, now=now)
    _tell(conn, actor, tally, now=now)
    return tally.counts()


def look_at_one(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease: Claimed,
    issues: bool,
    by_hand: bool = False,
    now: datetime,
) -> list[Issued]:
    """Do what is to be done for one lease, and issue all its drafts, or none.

    Whoever calls has asked for the permission, has claimed the lease, and writes in the trail.

    Raises:
        DomainError, ValueError, …: it cannot be billed.
    """
    known = gather(conn, [lease], now=now, by_hand=by_hand)
    decided, faults = decide(conn, [lease], known, rates={})
    for fault in faults.values():
        raise fault
    tally = Tally()
    _carry_out(conn, actor, decided, tally, chosen=lambda _one, _draft: issues, now=now)
    _look_later(conn, [lease] if decided else [], decided, {}, tally, now=now)
    return tally.of(lease).issued


def claim_one(conn: Connection[Any], lease: Claimed, *, now: datetime) -> Claimed | None:
    """The lease as it is when it is ours, until the commit; None: it is not signed."""
    store.enrol(conn, lease.organisation_id, lease_id=lease.lease_id, now=now)
    return store.claim_waiting(conn, lease.lease_id)


def find_lease(conn: Connection[Any], lease_no: str) -> Claimed | None:
    """The lease with this number, not claimed; whoever calls decides who may ask."""
    return store.find_lease(conn, lease_no)


def list_faults(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: str | None = None,
    limit: int = 50,
) -> list[BillingFault]:
    """Leases in sight that could not be billed, and why, by number; those after one.

    `filters`: lease, customer (their numbers), organisation (or below it).
    """
    actor.require("bill.read")
    return store.list_faults(conn, filters, after=after, limit=limit)


def _when_due(one: Decided, draft: BillDraft) -> bool:
    billing, today = one.known.billing, one.known.context.today
    return billing.issues_itself and draft.issue_on <= today


def _carry_out(
    conn: Connection[Any],
    actor: Actor,
    decided: Sequence[Decided],
    tally: Tally,
    *,
    chosen: Chosen,
    now: datetime,
) -> None:
    """Discard, draft, take off, issue, in this order. The leases are claimed."""
    busy = [one for one in decided if one.plan.drafts or one.plan.credits or one.changes.go]
    if not busy:
        return
    receivables.lock_customers(conn, sorted({one.lease.customer_id for one in busy}))
    issuing.discard(conn, [bill_id for one in busy for bill_id in one.changes.go], now=now)
    come = [(one, new) for one in busy for new in one.come]
    ids = issuing.write_drafts(conn, [new for _one, new in come], by=actor.name, now=now)
    issued = [
        bill_id for (one, new), bill_id in zip(come, ids, strict=True) if chosen(one, new.draft)
    ]
    for one in busy:
        done = tally.of(one.lease)
        done.drafted += len(one.come)
        done.discarded += len(one.changes.go)
        stay = one.changes.stay.items()
        issued += [bill_id for purpose, bill_id in stay if chosen(one, one.draft(purpose))]
        lease_id, credits_ = one.lease.lease_id, one.plan.credits
        notes = crediting.credit_sources(conn, actor, lease_id=lease_id, drafts=credits_, now=now)
        done.credit_notes += len(notes)
        done.credited_fen += sum(note.total_fen for note in notes)
    leases = {one.lease.lease_id: one.lease for one in busy}
    for bill in issuing.issue(conn, actor, bill_ids=issued, now=now):
        assert bill.lease_id is not None
        tally.of(leases[bill.lease_id]).issued.append(bill)


def _look_later(
    conn: Connection[Any],
    claimed: Sequence[Claimed],
    decided: Sequence[Decided],
    faults: Mapping[int, Exception],
    tally: Tally,
    *,
    now: datetime,
) -> None:
    """Write down when each lease is looked at again, and what was wrong."""
    next_on = {one.lease.lease_id: one.next_on for one in decided}
    looked: list[tuple[int, int, date | None, str | None]] = []
    for lease in claimed:
        fault = faults.get(lease.lease_id)
        later, told = next_on.get(lease.lease_id), None
        if fault is not None:
            told = f"{type(fault).__name__}: {fault}"[:MOST_OF_A_FAULT]
            later = local_day(now, lease.zone) + ONE_DAY
            tally.of(lease).faults[lease.lease_no] = told
        looked.append((lease.lease_id, lease.last_event_no, later, told))
    if looked:
        store.mark_looked(conn, looked, now=now)


def _tell(conn: Connection[Any], actor: Actor, tally: Tally, *, now: datetime) -> None:
    """One entry in the trail for each organisation something was done in; last, all wait for it."""
    for _id, done in sorted(tally.by_organisation.items()):
        told = done.told()
        if told is not None:
            audit.record(
                conn,
                actor,
                "bill.run",
                object_kind="organisation",
                object_key=done.code,
                now=now,
                after=told,
                organisation_id=done.tenant_id,
            )
