"""What is done with a lease over HTTP: approved, signed, amended, suspended, ended, renewed.

Hand-overs stand in `hand_overs.py`.
"""

from api.deps import Call
from api.models.lease_acts import (
    Amend,
    Because,
    Decide,
    Extend,
    Renew,
    Resume,
    Sign,
    Suspend,
    Terminate,
)
from api.models.leases import LeaseDetailOut, LeaseNoPath, LineNoPath
from api.operation import Answer, Operations
from api.routes.leases import answered, created
from fleet.leasing import service

operations = Operations("leases")


@operations.post("/leases/{lease_no}/approval", tells=["ETag"])
def request_lease_approval(call: Call, lease_no: LeaseNoPath) -> Answer[LeaseDetailOut]:
    """Ask for an approval of a draft's terms as they stand."""
    service.request_approval(call.conn, call.actor, lease_no=lease_no, now=call.now)
    return _told(call, lease_no)


@operations.post("/leases/{lease_no}/approval/decide", tells=["ETag"])
def decide_lease_approval(
    call: Call, lease_no: LeaseNoPath, body: Decide
) -> Answer[LeaseDetailOut]:
    """Allow a draft's terms as they stand, or refuse them. Not by who asked."""
    service.decide_approval(
        call.conn,
        call.actor,
        lease_no=lease_no,
        approve=body.approve,
        note=body.note,
        now=call.now,
    )
    return _told(call, lease_no)


@operations.post("/leases/{lease_no}/sign", tells=["ETag"])
def sign_lease(call: Call, lease_no: LeaseNoPath, body: Sign) -> Answer[LeaseDetailOut]:
    """Both sides signed a draft: its terms hold, the vehicles it names are promised."""
    detail = service.sign_lease(
        call.conn, call.actor, lease_no=lease_no, signed_at=body.signed_at, now=call.now
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/cancel", tells=["ETag"])
def cancel_lease(call: Call, lease_no: LeaseNoPath, body: Because) -> Answer[LeaseDetailOut]:
    """Call off a lease that never began."""
    detail = service.cancel_lease(
        call.conn, call.actor, lease_no=lease_no, reason=body.reason, now=call.now
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/amend", tells=["ETag"])
def amend_lease(call: Call, lease_no: LeaseNoPath, body: Amend) -> Answer[LeaseDetailOut]:
    """Agree other terms from a day on, today at the earliest. The past never changes."""
    detail = service.amend_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        effective_on=body.effective_on,
        terms=body.terms.terms(),
        reason=body.reason,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/extend", tells=["ETag"])
def extend_lease(call: Call, lease_no: LeaseNoPath, body: Extend) -> Answer[LeaseDetailOut]:
    """Let the term run on to a later day, or without an end."""
    detail = service.extend_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        ends_on=body.ends_on,
        reason=body.reason,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/suspend", tells=["ETag"])
def suspend_lease(call: Call, lease_no: LeaseNoPath, body: Suspend) -> Answer[LeaseDetailOut]:
    """Let the lease, or one line of it, rest from a day on."""
    detail = service.suspend_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        from_on=body.from_on,
        line_no=body.line_no,
        credited=body.credited,
        reason=body.reason,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/resume", tells=["ETag"])
def resume_lease(call: Call, lease_no: LeaseNoPath, body: Resume) -> Answer[LeaseDetailOut]:
    """Let what rests go on from a day."""
    detail = service.resume_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        on=body.on,
        line_no=body.line_no,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/lines/{line_no}/drop", tells=["ETag"])
def drop_lease_line(
    call: Call, lease_no: LeaseNoPath, line_no: LineNoPath, body: Because
) -> Answer[LeaseDetailOut]:
    """Give up a line that was never filled."""
    detail = service.drop_line(
        call.conn,
        call.actor,
        lease_no=lease_no,
        line_no=line_no,
        reason=body.reason,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/terminate", tells=["ETag"])
def terminate_lease(call: Call, lease_no: LeaseNoPath, body: Terminate) -> Answer[LeaseDetailOut]:
    """End a lease before its time, on a clause. Vehicles still out are to be taken back."""
    detail = service.terminate_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        by=body.by,
        clause=body.clause,
        reason=body.reason,
        now=call.now,
    )
    return answered(detail)


@operations.post("/leases/{lease_no}/buy-out", tells=["ETag"])
def buy_out_lease(call: Call, lease_no: LeaseNoPath) -> Answer[LeaseDetailOut]:
    """The lessee of a lease-to-own owns its vehicles now; they leave the fleet."""
    return answered(service.buy_out(call.conn, call.actor, lease_no=lease_no, now=call.now))


@operations.post(
    "/leases/{lease_no}/renew", status=201, idempotent="lease.draft", tells=["Location", "ETag"]
)
def renew_lease(call: Call, lease_no: LeaseNoPath, body: Renew) -> Answer[LeaseDetailOut]:
    """Draft a lease that goes on the day after this one ends."""
    detail = service.renew_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        terms=None if body.terms is None else body.terms.terms(),
        reference=body.reference,
        now=call.now,
    )
    return created(detail)


def _told(call: Call, lease_no: str) -> Answer[LeaseDetailOut]:
    return answered(
        service.get_lease_detail(call.conn, call.actor, lease_no=lease_no, now=call.now)
    )
