"""What happens to a lease once it is signed, but for hand-overs: amended, suspended, ended.

Each act asks for its verb, locks the lease, and is one event (`books`); `book.apply` decides
whether it may follow. Leaves out vehicles that come and go (`placing`), what an early end costs
(`figuring`), and charges (`fleet/charges`).
"""

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from psycopg import Connection

from fleet.leasing.approving import service as approving
from fleet.leasing.asking.service import check_lines
from fleet.leasing.books import service as books
from fleet.leasing.drafts.service import cancel_draft, write_audit
from fleet.leasing.events import (
    Amended,
    BoughtOut,
    Cancelled,
    Event,
    Extended,
    LineDropped,
    Resumed,
    Suspended,
    Terminated,
)
from fleet.leasing.model import Lease, LeaseDetail
from fleet.leasing.shapes import Book
from fleet.leasing.terms import Terms
from fleet.leasing.views import service as views
from fleet.registry import service as registry
from schemas.access import Actor

Party = Literal["lessor", "lessee", "both"]

TO_DISPOSAL: Final[dict[str, tuple[registry.StageName, ...]]] = {
    "ordered": ("disposed",),
    "in_stock": ("for_sale", "disposed"),
    "let": ("in_stock", "for_sale", "disposed"),
    "in_service": ("disposed",),
    "for_sale": ("disposed",),
    "disposed": (),
}
"""The stages a vehicle that is bought out goes through at that instant, from where it is."""


def cancel_lease(
    conn: Connection[Any], actor: Actor, *, lease_no: str, reason: str, now: datetime
) -> LeaseDetail:
    """A lease that never began comes to nothing: a draft, or one that is signed.

    Raises:
        LeaseNotFound: there is none in sight.
        LeaseBegun, LeaseOver: it began, or is over.
    """
    actor.require("lease.end")
    lease = books.own_lease(conn, lease_no)
    if lease.state == "draft":
        return cancel_draft(conn, actor, lease, reason=reason, now=now)
    event = Cancelled(happened_at=now, reason=reason)
    return _act(conn, actor, "lease.cancel", lease_no, event, now=now)


def amend_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    effective_on: date,
    terms: Terms,
    reason: str,
    now: datetime,
) -> LeaseDetail:
    """Other terms from a day on, today at the earliest.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseOver: there is no such lease in force.
        LineModelUnknown, LineVehicleUnknown, VehicleOfAnotherOrganisation: a new line asks for what
        there is not.
        AmendedInPast, AnchorFixed, LineStillOut, … (`errors.py`): they may not follow.
        LeaseNeedsApproval, StepUpRequired: sales may not promise them (`approving`).
        VehiclePromised: another lease has a promise of one of the vehicles.
    """
    actor.require("lease.change")
    lease, book = books.lock_lease(conn, lease_no)
    vehicles = check_lines(
        conn,
        _unfilled(book, terms),
        tenant_id=lease.tenant_id,
        organisation_id=lease.organisation_id,
        lock=True,
    )
    event = Amended(
        happened_at=now, effective_on=effective_on, terms=terms, reason=reason, vehicles=vehicles
    )
    return _happen(conn, actor, "lease.amend", event, lease=lease, book=book, now=now)


def _unfilled(book: Book, terms: Terms) -> Terms:
    """The terms with only those lines asking for a vehicle that still wait for one."""
    begun = book.lines_filled | book.dropped_lines
    lines = tuple(
        line.model_copy(update={"vin": None}) if line.no in begun else line for line in terms.lines
    )
    return terms.model_copy(update={"lines": lines})


def extend_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    ends_on: date | None,
    reason: str | None = None,
    now: datetime,
) -> LeaseDetail:
    """The term runs on to a later last day; None: open-ended from now on.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseOver: there is no such lease in force.
        OpenEndedAlready, EndNotLater, EndInPast, TermTooLong: it cannot run on to that day.
        LeaseNeedsApproval, StepUpRequired: sales may not promise so long (`approving`).
        VehiclePromised: another lease has a promise of one of the vehicles by then.
    """
    actor.require("lease.change")
    event = Extended(happened_at=now, ends_on=ends_on, reason=reason)
    return _act(conn, actor, "lease.extend", lease_no, event, now=now)


def suspend_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    from_on: date,
    line_no: int | None = None,
    credited: bool,
    reason: str,
    now: datetime,
) -> LeaseDetail:
    """The lease, or one line of it, rests from a day on; `credited`: no rent for these days.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseNotActive, LeaseOver: there is no such lease running.
        LeaseSuspended, SuspendedAhead, LineEmpty, … (`errors.py`): it cannot rest from then.
    """
    actor.require("lease.change")
    event = Suspended(
        happened_at=now, from_on=from_on, line_no=line_no, credited=credited, reason=reason
    )
    return _act(conn, actor, "lease.suspend", lease_no, event, now=now)


def resume_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    on: date,
    line_no: int | None = None,
    now: datetime,
) -> LeaseDetail:
    """It goes on; `on` is the first day that is not suspended any more.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseOver: there is no such lease running.
        LeaseNotSuspended, SuspendedAhead, ResumedBeforeSuspended: it cannot go on from then.
    """
    actor.require("lease.change")
    event = Resumed(happened_at=now, on=on, line_no=line_no)
    return _act(conn, actor, "lease.resume", lease_no, event, now=now)


def drop_line(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    line_no: int,
    reason: str,
    now: datetime,
) -> LeaseDetail:
    """A line that was never filled shall not be filled any more.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseOver: there is no such lease in force.
        LeaseLineUnknown, LineFilled, LineDroppedAlready, LastLine: the line is not to be dropped.
    """
    actor.require("lease.change")
    event = LineDropped(happened_at=now, line_no=line_no, reason=reason)
    return _act(conn, actor, "lease.drop_line", lease_no, event, now=now)


def terminate_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    by: Party,
    clause: str | None,
    reason: str,
    now: datetime,
) -> LeaseDetail:
    """Ended before its time, on a clause; vehicles still out are to be taken back.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseNotActive, LeaseOver: there is no such lease running.
    """
    actor.require("lease.terminate")
    event = Terminated(happened_at=now, by=by, clause=clause, reason=reason)
    return _act(conn, actor, "lease.terminate", lease_no, event, now=now)


def buy_out(conn: Connection[Any], actor: Actor, *, lease_no: str, now: datetime) -> LeaseDetail:
    """The lessee of a lease-to-own owns the vehicles now: they leave the fleet.

    Each goes through the stages to its disposal at this instant, so it also takes the permission to
    move vehicles on.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseNotActive, LeaseOver: there is no such lease running.
        NotLeaseToOwn, LinesNotFilled: it is not to be bought out.
        VehicleNotYours: a vehicle is another organisation's now.
    """
    actor.require("lease.end")
    lease, book = books.lock_lease(conn, lease_no)
    out = [each for each in views.place_vehicles(conn, book) if each.until_at is None]
    event = BoughtOut(happened_at=now)
    detail = _happen(conn, actor, "lease.buy_out", event, lease=lease, book=book, now=now)
    for each in out:
        vehicle = registry.get_held_vehicle(conn, actor, vin=each.vin or "")
        _dispose(conn, actor, vehicle, reason=f"买断 {lease_no}", now=now)
    return detail


def _dispose(
    conn: Connection[Any], actor: Actor, vehicle: registry.Vehicle, *, reason: str, now: datetime
) -> None:
    """Through the stages in between, each a microsecond, and at `now` out of the fleet."""
    stage = registry.find_stage(conn, vehicle=vehicle)
    steps = TO_DISPOSAL["in_stock" if stage is None else stage.stage]
    for still, step in zip(reversed(range(len(steps))), steps, strict=True):
        at = now - timedelta(microseconds=still)
        registry.change_stage(
            conn, actor, vehicle=vehicle, stage=step, reason=reason, at=at, now=now
        )


def _act(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    lease_no: str,
    event: Event,
    *,
    now: datetime,
) -> LeaseDetail:
    """One event of a lease that is signed, with its entry in the trail."""
    lease, book = books.lock_lease(conn, lease_no)
    return _happen(conn, actor, action, event, lease=lease, book=book, now=now)


def _happen(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    event: Event,
    *,
    lease: Lease,
    book: Book,
    now: datetime,
) -> LeaseDetail:
    after_it, event_no = books.happen(conn, actor, lease, book, event, now=now)
    if isinstance(event, Amended | Extended):
        approving.check_changed(conn, actor, lease, after_it.terms, now=now)
    before, after = {"state": lease.state}, _told(event, event_no)
    write_audit(conn, actor, action, lease, now=now, before=before, after=after)
    return views.detail_of(conn, books.get_lease(conn, lease.lease_no), now=now)


def _told(event: Event, event_no: int) -> dict[str, Any]:
    """An event as the audit trail tells it; of terms what differs from what is usual."""
    told = event.model_dump(mode="json", exclude={"terms", "kind", "happened_at"})
    if isinstance(event, Amended):
        told["terms"] = event.terms.model_dump(
            mode="json", exclude={"remarks"}, exclude_defaults=True
        )
    return {"event_no": event_no, **told}
