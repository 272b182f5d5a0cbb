"""Takes a violation on: told to the lessee, handled, transferred to the driver, or dropped.

A fine that the lessor paid is proposed as a charge where the lessee bears violations by the terms
of that day. Leaves out what becomes of the charge (`fleet/charges`).
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.charges import service as charges
from fleet.local_days import local_day
from fleet.periods import check_past
from fleet.violations import store
from fleet.violations.errors import TransferTooEarly, ViolationWithoutLessee
from fleet.violations.handling import UNSETTLED, Handler, State, check_unsettled
from fleet.violations.listing.service import figures_of, find, tell
from fleet.violations.model import Violation, ViolationRow
from schemas.access import Actor

__all__ = ["drop_violation", "handle_violation", "tell_violation", "transfer_violation"]


def tell_violation(
    conn: Connection[Any],
    actor: Actor,
    *,
    violation_no: str,
    told_at: datetime | None = None,
    note: str | None = None,
    now: datetime,
) -> Violation:
    """The lessee was told of it, at `told_at`, now unless said. One that was transferred stays so:
    the driver has to be told of that as well, within a day.

    Raises:
        ViolationNotFound: there is none in sight.
        ViolationWithoutLessee: nobody leased the vehicle then.
        ViolationSettled: it was handled or dropped before.
        InstantInFuture: `told_at` lies ahead.
    """
    row = _own(conn, actor, violation_no)
    check_unsettled(violation_no, row.state, (*UNSETTLED, "transferred"))
    _check_leased(row)
    at = told_at or now
    check_past(at, now)
    state: State = "transferred" if row.state == "transferred" else "told"
    return _advance(conn, actor, row, state, told_at=at, note=note, now=now)


def handle_violation(
    conn: Connection[Any],
    actor: Actor,
    *,
    violation_no: str,
    by: Handler,
    paid_fen: int | None = None,
    note: str | None = None,
    now: datetime,
) -> Violation:
    """It was handled by the lessee, or by the lessor, who paid `paid_fen` for it, the fine unless
    said; that is proposed as a charge where the lessee bears violations by the terms of that day.

    Raises:
        ViolationNotFound: there is none in sight.
        ViolationWithoutLessee: handled by a lessee, and nobody leased the vehicle then.
        ViolationSettled: it was handled or dropped before.
    """
    row = _own(conn, actor, violation_no)
    check_unsettled(violation_no, row.state, (*UNSETTLED, "transferred"))
    if by == "lessee":
        _check_leased(row)
        return _advance(conn, actor, row, "handled", handled_by=by, note=note, now=now)
    paid = row.fine_fen if paid_fen is None else paid_fen
    handled = _advance(
        conn, actor, row, "handled", handled_by=by, paid_fen=paid, note=note, now=now
    )
    if paid and row.lease_id is not None and row.charged_to_lessee:
        charges.propose(conn, actor, proposals=[_proposal(row, paid)], now=now)
    return handled


def transfer_violation(
    conn: Connection[Any],
    actor: Actor,
    *,
    violation_no: str,
    note: str | None = None,
    now: datetime,
) -> Violation:
    """It was transferred to the driver of the lease.

    Raises:
        ViolationNotFound: there is none in sight.
        ViolationWithoutLessee: nobody leased the vehicle then.
        TransferTooEarly: the lease has not ended, or not long enough ago.
        ViolationSettled: it was settled before.
    """
    row = _own(conn, actor, violation_no)
    check_unsettled(violation_no, row.state)
    _check_leased(row)
    figures, _today = figures_of(conn, actor, now)
    from_on = tell(actor, row, figures, now).may_transfer_from_on
    if from_on is None or local_day(now, row.time_zone) < from_on:
        raise TransferTooEarly(
            f"violation {violation_no} may not be transferred yet",
            violation_no=violation_no,
            from_on=from_on,
        )
    return _advance(conn, actor, row, "transferred", note=note, now=now)


def drop_violation(
    conn: Connection[Any], actor: Actor, *, violation_no: str, note: str, now: datetime
) -> Violation:
    """It is of no account any more, for the reason in `note`: revoked, or written down by mistake.

    Raises:
        ViolationNotFound: there is none in sight.
        ViolationSettled: it was handled or dropped before.
    """
    row = _own(conn, actor, violation_no)
    check_unsettled(violation_no, row.state, (*UNSETTLED, "transferred"))
    return _advance(conn, actor, row, "dropped", note=note, now=now)


def _own(conn: Connection[Any], actor: Actor, violation_no: str) -> ViolationRow:
    """The violation, locked, for who may take it on."""
    actor.require("violation.record")
    store.lock_violation(conn, violation_no)
    return find(conn, violation_no)


def _check_leased(row: ViolationRow) -> None:
    if row.lease_id is None:
        raise ViolationWithoutLessee(
            f"nobody leased {row.vin} when {row.violation_no} happened",
            violation_no=row.violation_no,
        )


def _advance(
    conn: Connection[Any],
    actor: Actor,
    row: ViolationRow,
    state: State,
    *,
    told_at: datetime | None = None,
    handled_by: Handler | None = None,
    paid_fen: int | None = None,
    note: str | None,
    now: datetime,
) -> Violation:
    """The violation at `state`, and its entry in the trail."""
    store.mark_state(
        conn,
        {
            "id": row.id,
            "state": state,
            "note": note,
            "told_at": told_at,
            "handled_at": None if state in (*UNSETTLED, row.state) else now,
            "handled_by": handled_by,
            "paid_fen": paid_fen,
        },
    )
    audit.record(
        conn,
        actor,
        "violation.record",
        object_kind="violation",
        object_key=row.violation_no,
        now=now,
        before={"state": row.state},
        after={"state": state, "by": handled_by, "paid_fen": paid_fen},
        organisation_id=row.tenant_id,
    )
    figures, _today = figures_of(conn, actor, now)
    return tell(actor, find(conn, row.violation_no), figures, now)


def _proposal(row: ViolationRow, paid_fen: int) -> charges.Proposal:
    assert row.lease_id is not None
    return charges.Proposal(
        lease_id=row.lease_id,
        tenant_id=row.tenant_id,
        organisation_id=row.organisation_id,
        line_no=row.line_no,
        vehicle_id=row.vehicle_id,
        kind="violation",
        title=f"违章罚款 {row.violation_no}",
        amount_fen=paid_fen,
        basis={
            "violation_no": row.violation_no,
            "vin": row.vin,
            "occurred_at": row.occurred_at.isoformat(),
            "fine_fen": row.fine_fen,
            "paid_fen": paid_fen,
        },
        incurred_on=local_day(row.occurred_at, row.time_zone),
        source_kind="violation",
        source_key=row.violation_no,
    )
