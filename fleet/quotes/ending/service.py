"""Ends a quote: accepted it becomes the draft of a lease, else it was declined or withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.leasing import service as leasing
from fleet.quotes import store
from fleet.quotes.errors import QuoteExpired, QuoteNeedsCustomer
from fleet.quotes.model import QuoteRow, State
from fleet.quotes.reading.service import QuoteDetail, detail_of, find, own, tell, write_audit
from schemas.access import Actor

__all__ = ["accept_quote", "decline_quote", "withdraw_quote"]


def accept_quote(
    conn: Connection[Any],
    actor: Actor,
    *,
    quote_no: str,
    customer_no: str | None = None,
    reference: str | None = None,
    now: datetime,
) -> tuple[QuoteDetail, leasing.LeaseDetail]:
    """The quote was accepted, and the draft of a lease it became.

    `customer_no` says which customer a prospect has become.

    Raises:
        QuoteNotFound, QuoteOver, QuoteExpired: there is nothing to accept.
        QuoteNeedsCustomer: it is for a prospect, and no customer is named.
        As `leasing.draft_lease`, otherwise.
    """
    actor.require("lease.draft")
    was = own(conn, quote_no, now)
    told = tell(was, now)
    if told.expired:
        raise QuoteExpired(
            f"quote {quote_no} was valid until {was.valid_until_on}",
            quote_no=quote_no,
            valid_until_on=was.valid_until_on,
        )
    customer_no = was.customer_no or customer_no
    if customer_no is None:
        raise QuoteNeedsCustomer(f"say which customer accepts {quote_no}", quote_no=quote_no)
    drafted = leasing.draft_lease(
        conn,
        actor,
        customer_no=customer_no,
        terms=told.terms,
        organisation_code=was.organisation_code,
        reference=reference,
        now=now,
    )
    lease = drafted.lease
    ended = {"note": None, "lease_id": lease.id, "customer_id": lease.customer_id}
    quote = _end(conn, actor, was, "accepted", ended, told={"lease": lease.lease_no}, now=now)
    return quote, drafted


def decline_quote(
    conn: Connection[Any], actor: Actor, *, quote_no: str, note: str, now: datetime
) -> QuoteDetail:
    """Whom it was offered to does not want it, for the reason in `note`.

    Raises:
        QuoteNotFound, QuoteOver: there is nothing to decline.
    """
    return _close(conn, actor, quote_no, "declined", note=note, now=now)


def withdraw_quote(
    conn: Connection[Any], actor: Actor, *, quote_no: str, note: str, now: datetime
) -> QuoteDetail:
    """It is not offered any more, for the reason in `note`.

    Raises:
        QuoteNotFound, QuoteOver: there is nothing to withdraw.
    """
    return _close(conn, actor, quote_no, "withdrawn", note=note, now=now)


def _close(
    conn: Connection[Any],
    actor: Actor,
    quote_no: str,
    state: State,
    *,
    note: str,
    now: datetime,
) -> QuoteDetail:
    actor.require("lease.draft")
    was = own(conn, quote_no, now)
    ended = {"note": note, "lease_id": None, "customer_id": None}
    return _end(conn, actor, was, state, ended, told={}, now=now)


def _end(
    conn: Connection[Any],
    actor: Actor,
    was: QuoteRow,
    state: State,
    ended: Mapping[str, Any],
    *,
    told: Mapping[str, Any],
    now: datetime,
) -> QuoteDetail:
    store.mark_state(conn, {**ended, "id": was.id, "state": state})
    before, after = {"state": was.state}, {"state": state, **told}
    write_audit(conn, actor, f"lease.quote_{state}", was, before=before, after=after, now=now)
    return detail_of(conn, actor, find(conn, was.quote_no, now), now)
