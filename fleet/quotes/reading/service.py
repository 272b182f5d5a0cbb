"""Tells quotes: a list, one of them, and each line beside the list of rents.

Phones of prospects are masked in lists, and told in full to who writes quotes only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.masking import mask_phone
from fleet.quotes import store
from fleet.quotes.discounts import discount_pct
from fleet.quotes.errors import QuoteNotFound, QuoteOver
from fleet.quotes.model import LinePrice, ListedRent, QuoteRow
from schemas.access import Actor

__all__ = [
    "Quote",
    "QuoteDetail",
    "detail_of",
    "find",
    "get_quote",
    "list_quotes",
    "own",
    "tell",
    "write_audit",
]


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote with its terms. `expired`: open, and its last day is over."""

    row: QuoteRow
    terms: leasing.Terms
    expired: bool


@dataclass(frozen=True, slots=True)
class QuoteDetail:
    """A quote, and each of its lines beside the list."""

    quote: Quote
    prices: list[LinePrice]


def list_quotes(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Quote]:
    """Quotes in sight, the latest first; phones are masked.

    `filters`: state, expired, customer_no, kind, created_by, organisation (or below it), search.
    """
    actor.require("lease.read")
    rows = store.list_quotes(conn, filters, after=after, limit=limit, now=now)
    return [_masked(tell(row, now)) for row in rows]


def get_quote(conn: Connection[Any], actor: Actor, *, quote_no: str, now: datetime) -> QuoteDetail:
    """The quote and its lines beside the list; the phone to who writes quotes.

    Raises:
        QuoteNotFound: there is none in sight.
    """
    actor.require("lease.read")
    return detail_of(conn, actor, find(conn, quote_no, now), now)


def find(conn: Connection[Any], quote_no: str, now: datetime) -> QuoteRow:
    """The quote with this number; whoever calls decides who may ask.

    Raises:
        QuoteNotFound: there is none in sight.
    """
    found = store.find_quote(conn, quote_no, now=now)
    if found is None:
        raise QuoteNotFound(f"no quote has the number {quote_no!r}", quote_no=quote_no[:40])
    return found


def tell(row: QuoteRow, now: datetime) -> Quote:
    """With its terms, and whether it has expired."""
    expired = row.state == "open" and row.valid_until_on < local_day(now, row.zone)
    return Quote(row, leasing.Terms.model_validate(row.terms), expired)


def _masked(quote: Quote) -> Quote:
    phone = mask_phone(quote.row.prospect_phone)
    return replace(quote, row=replace(quote.row, prospect_phone=phone))


def detail_of(conn: Connection[Any], actor: Actor, row: QuoteRow, now: datetime) -> QuoteDetail:
    """With each line beside the list on the day it begins."""
    quote = tell(row, now)
    listed = leasing.prices_of_lines(
        conn,
        quote.terms,
        organisation_id=row.organisation_id,
        tenant_id=row.tenant_id,
        on=quote.terms.starts_on,
    )
    prices = []
    for line in quote.terms.lines:
        found = listed.get(line.no)
        rent = None
        if found is not None:
            rent = ListedRent(found.rent_fen, found.per, found.deposit_fen)
        prices.append(LinePrice(line.no, rent, discount_pct(line.rent_fen, line.per, rent)))
    return QuoteDetail(quote if actor.may("lease.draft") else _masked(quote), prices)


def own(conn: Connection[Any], quote_no: str, now: datetime) -> QuoteRow:
    """The open quote, locked; whoever calls decides who may.

    Raises:
        QuoteNotFound, QuoteOver: there is none to work on.
    """
    store.lock_quote(conn, quote_no)
    found = find(conn, quote_no, now)
    if found.state != "open":
        raise QuoteOver(f"quote {quote_no} is {found.state}", quote_no=quote_no, state=found.state)
    return found


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    row: QuoteRow,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    """The entry of the trail for a change of a quote."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="quote",
        object_key=row.quote_no,
        now=now,
        before=before,
        after=after,
        organisation_id=row.tenant_id,
    )
