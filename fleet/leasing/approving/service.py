"""Has terms approved that sales may not promise alone: asked for by one, decided by another.

An approval is for one customer and of terms exactly as they stand, by the SHA-256 of their
canonical JSON: one other fen, and it is asked for anew. What is signed is amended beyond that by
who may approve. Leaves out what needs one: `approvals.py`, by the figures `lease.approval` and the
list of rents.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity.service import person_behind
from fleet.lease_figures import LeaseApproval
from fleet.leasing.approvals import Reason
from fleet.leasing.approvals import reasons_of as reasons_for
from fleet.leasing.approving import store
from fleet.leasing.books import service as books
from fleet.leasing.model import Approval, Lease
from fleet.leasing.prices import service as prices
from fleet.leasing.refusals import (
    ApprovalByAnother,
    ApprovalNotAsked,
    ApprovalNotNeeded,
    ApprovalPending,
    LeaseIsSigned,
    LeaseNeedsApproval,
)
from fleet.leasing.terms import Terms
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from schemas.access import Actor


def digest_of(lease: Lease) -> bytes:
    """SHA-256 of the canonical JSON of customer and terms: keys in order, no space, UTF-8."""
    about = {"customer_no": lease.customer_no, "terms": lease.terms.model_dump(mode="json")}
    plain = json.dumps(about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).digest()


def reasons_of(
    conn: Connection[Any], lease: Lease, *, terms: Terms | None = None, now: datetime
) -> list[Reason]:
    """Why the terms of a lease, or others for it, are beyond what sales may promise; empty: they
    are not.
    """
    wanted = lease.terms if terms is None else terms
    on = local_day(now, lease.zone)
    limits = parameters.figures(conn, LeaseApproval, tenant_id=lease.tenant_id, on=on)
    listed = prices.prices_of_lines(
        conn,
        wanted,
        organisation_id=lease.organisation_id,
        tenant_id=lease.tenant_id,
        on=on,
    )
    return reasons_for(wanted, listed, limits)


def list_approvals(conn: Connection[Any], lease: Lease) -> list[Approval]:
    """What was asked for the lease and what was decided, the first first."""
    current = digest_of(lease)
    return [
        Approval(
            reasons=[Reason(**reason) for reason in row["reasons"]],
            requested_by=row["requested_by"],
            requested_at=row["requested_at"],
            decision=row["decision"],
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
            note=row["note"],
            current=row["terms_sha256"] == current,
        )
        for row in store.list_approvals(conn, lease.id)
    ]


def check_approved(conn: Connection[Any], lease: Lease, *, now: datetime) -> None:
    """Let pass terms that sales may promise, and those that were approved as they stand.

    Raises:
        LeaseNeedsApproval: neither; `reasons` say why.
    """
    reasons = reasons_of(conn, lease, now=now)
    if reasons and not is_approved(list_approvals(conn, lease)):
        raise _needs(lease, reasons)


def check_changed(
    conn: Connection[Any], actor: Actor, lease: Lease, terms: Terms, *, now: datetime
) -> None:
    """Let pass other terms of a lease that is signed: those that sales may promise, or that are no
    further beyond it than what is signed; all others if the actor may approve them.

    Raises:
        LeaseNeedsApproval: they are beyond it, and the actor may not; `reasons` say why.
        StepUpRequired: the actor may, and has to give the password again first.
    """
    before = reasons_of(conn, lease, now=now)
    fresh = [each for each in reasons_of(conn, lease, terms=terms, now=now) if each not in before]
    if not fresh:
        return
    if not actor.may("lease.approve"):
        raise _needs(lease, fresh)
    actor.require("lease.approve")


def _needs(lease: Lease, reasons: Sequence[Reason]) -> LeaseNeedsApproval:
    return LeaseNeedsApproval(
        f"{lease.lease_no} needs an approval: " + "; ".join(reason.en for reason in reasons),
        lease_no=lease.lease_no,
        reasons=[asdict(reason) for reason in reasons],
    )


def is_approved(approvals: Sequence[Approval]) -> bool:
    """Whether the terms as they stand were approved."""
    return any(each.current and each.decision == "approved" for each in approvals)


def request_approval(conn: Connection[Any], actor: Actor, *, lease_no: str, now: datetime) -> Lease:
    """Ask for an approval of the draft's terms as they stand.

    Raises:
        LeaseNotFound, LeaseIsSigned: there is no such draft in sight.
        ApprovalNotNeeded: sales may promise these terms.
        ApprovalPending: they were asked for already, and not refused.
    """
    actor.require("lease.draft")
    lease = _own_draft(conn, lease_no)
    reasons = reasons_of(conn, lease, now=now)
    if not reasons:
        raise ApprovalNotNeeded(f"{lease_no} needs no approval", lease_no=lease_no)
    asked = [each for each in list_approvals(conn, lease) if each.current]
    if any(each.decision != "refused" for each in asked):
        raise ApprovalPending(f"an approval of {lease_no} was asked for", lease_no=lease_no)
    row = {
        "tenant_id": lease.tenant_id,
        "organisation_id": lease.organisation_id,
        "lease_id": lease.id,
        "terms_sha256": digest_of(lease),
        "requested_by": actor.name,
        "requested_at": now,
    }
    store.insert_approval(conn, row, [asdict(reason) for reason in reasons])
    told = {"reasons": [reason.code for reason in reasons]}
    _write_audit(conn, actor, "lease.request_approval", lease, told, now=now)
    return lease


def decide_approval(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    approve: bool,
    note: str | None = None,
    now: datetime,
) -> Lease:
    """Allow the draft's terms as they stand, or refuse them. Who asked does not decide.

    Raises:
        LeaseNotFound, LeaseIsSigned: there is no such draft in sight.
        ApprovalNotAsked: nobody asked for these terms.
        ApprovalByAnother: the actor asked for them.
    """
    actor.require("lease.approve")
    lease = _own_draft(conn, lease_no)
    asked = store.find_open_approval(conn, lease.id, digest_of(lease))
    if asked is None:
        raise ApprovalNotAsked(f"no approval of {lease_no} was asked for", lease_no=lease_no)
    approval_id, requested_by = asked
    if person_behind(conn, requested_by) == actor.name:
        raise ApprovalByAnother(f"{actor.name} asked for it", lease_no=lease_no)
    row = {
        "id": approval_id,
        "decision": "approved" if approve else "refused",
        "decided_by": actor.name,
        "decided_at": now,
        "note": note,
    }
    store.mark_decided(conn, row)
    told = {"decision": row["decision"], "note": note}
    _write_audit(conn, actor, "lease.decide_approval", lease, told, now=now)
    return lease


def _own_draft(conn: Connection[Any], lease_no: str) -> Lease:
    lease = books.own_lease(conn, lease_no)
    if lease.state != "draft":
        raise LeaseIsSigned(f"{lease_no} is {lease.state}", lease_no=lease_no, state=lease.state)
    return lease


def _write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    lease: Lease,
    after: dict[str, Any],
    *,
    now: datetime,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="lease",
        object_key=lease.lease_no,
        now=now,
        after=after,
        organisation_id=lease.tenant_id,
    )
