"""Keeps quotes 报价: terms offered to a customer, or to somebody who is none yet, until a day.

A quote is changed while it is open. Accepted it becomes the draft of a lease, in the terms quoted;
then it has a customer (`ending`). Leaves out how quotes are listed (`reading`), the list of rents
and what a discount from it takes (`fleet/leasing`): a draft is approved, not a quote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.customers import service as customers
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.orgs import service as orgs
from fleet.quotes import store
from fleet.quotes.ending.service import accept_quote, decline_quote, withdraw_quote
from fleet.quotes.errors import QuoteForNobody, QuoteOfAnotherOrganisation, QuoteValidityPast
from fleet.quotes.model import LinePrice, ListedRent, QuoteRow, State
from fleet.quotes.reading.service import (
    Quote,
    QuoteDetail,
    detail_of,
    find,
    get_quote,
    list_quotes,
    own,
    write_audit,
)
from kit.errors import VersionChanged
from kit.numbers import TRIES, make_number
from schemas.access import Actor

__all__ = [
    "LinePrice",
    "ListedRent",
    "Quote",
    "QuoteDetail",
    "QuoteRow",
    "State",
    "Wanted",
    "accept_quote",
    "change_quote",
    "create_quote",
    "decline_quote",
    "forget_prospects",
    "get_quote",
    "list_quotes",
    "withdraw_quote",
]

RNG: Final = SystemRandom()
VALID_DAYS: Final = 14
"""How long a quote is valid unless said."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is quoted to whom; `valid_until_on` None: VALID_DAYS from today."""

    terms: leasing.Terms
    customer_no: str | None = None
    prospect: str | None = None
    prospect_phone: str | None = None
    valid_until_on: date | None = None


def create_quote(
    conn: Connection[Any],
    actor: Actor,
    *,
    wanted: Wanted,
    organisation_code: str | None = None,
    now: datetime,
    rng: Random = RNG,
) -> QuoteDetail:
    """A new quote, of the customer's organisation; for a prospect, of the one acted for or named.

    Raises:
        QuoteForNobody: neither a customer nor a prospect is named.
        CustomerNotFound, CustomerBlacklisted, CustomerMerged, CustomerErased: not to be let to.
        QuoteOfAnotherOrganisation: the customer is not of the organisation that is named.
        OrganisationNotFound: there is none in sight.
        QuoteValidityPast: it would be over already.
        LineModelUnknown, LineVehicleUnknown, …: a line asks for what there is not.
    """
    actor.require("lease.draft")
    customer = _customer(conn, actor, wanted)
    code = organisation_code or actor.organisation_code
    if customer is not None:
        if organisation_code not in (None, customer.organisation_code):
            raise _elsewhere(customer)
        code = customer.organisation_code
    organisation = orgs.get_organisation(conn, actor, code=code or "")
    today = local_day(now, organisation.time_zone)
    facts = _facts(conn, wanted, organisation.tenant_id, organisation.id, today)
    row = {
        **facts,
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "customer_id": None if customer is None else customer.id,
        "created_by": actor.name,
        "created_at": now,
    }
    quote_no = _insert(conn, row, on=today, rng=rng)
    made = find(conn, quote_no, now)
    write_audit(conn, actor, "lease.quote", made, after=_audited(made), now=now)
    return detail_of(conn, actor, made, now)


def change_quote(
    conn: Connection[Any],
    actor: Actor,
    *,
    quote_no: str,
    version: int,
    wanted: Wanted,
    now: datetime,
) -> QuoteDetail:
    """The open quote as it is to be, whole; an expired one is taken up again by a later day.

    Raises:
        QuoteNotFound, QuoteOver: there is no such open quote.
        VersionChanged: somebody changed it since `version` was read.
        QuoteOfAnotherOrganisation: the quote is another organisation's.
        As `create_quote`, otherwise.
    """
    actor.require("lease.draft")
    was = own(conn, quote_no, now)
    if was.version != version:
        raise VersionChanged(f"quote {quote_no} is at version {was.version}", quote_no=quote_no)
    customer = _customer(conn, actor, wanted)
    if customer is not None and customer.organisation_id != was.organisation_id:
        raise _elsewhere(customer)
    facts = _facts(conn, wanted, was.tenant_id, was.organisation_id, local_day(now, was.zone))
    customer_id = None if customer is None else customer.id
    store.update_quote(conn, {**facts, "id": was.id, "customer_id": customer_id})
    is_now = find(conn, quote_no, now)
    before, after = _audited(was), _audited(is_now)
    write_audit(conn, actor, "lease.change_quote", was, before=before, after=after, now=now)
    return detail_of(conn, actor, is_now, now)


def forget_prospects(conn: Connection[Any], *, customer_ids: Sequence[int]) -> None:
    """Empty names, phones and notes in quotes of these customers.

    For another slice, which asks for its own permission and writes the audit entry.
    """
    store.forget_prospects(conn, customer_ids)


def _customer(conn: Connection[Any], actor: Actor, wanted: Wanted) -> customers.Customer | None:
    if wanted.customer_no is None and wanted.prospect is None:
        raise QuoteForNobody("say for which customer, or name the prospect")
    if wanted.customer_no is None:
        return None
    found = customers.get_customer(conn, actor, customer_no=wanted.customer_no)
    customers.require_leasable(conn, customer_id=found.id)
    return found


def _elsewhere(customer: customers.Customer) -> QuoteOfAnotherOrganisation:
    return QuoteOfAnotherOrganisation(
        f"{customer.customer_no} is a customer of {customer.organisation_code}",
        customer_no=customer.customer_no,
        organisation=customer.organisation_code,
    )


def _facts(
    conn: Connection[Any], wanted: Wanted, tenant_id: int, organisation_id: int, today: date
) -> dict[str, Any]:
    """What is written of a quote, once it can be."""
    until_on = wanted.valid_until_on or today + timedelta(days=VALID_DAYS)
    if until_on < today:
        raise QuoteValidityPast(f"{until_on} is over", valid_until_on=until_on)
    leasing.check_lines(conn, wanted.terms, tenant_id=tenant_id, organisation_id=organisation_id)
    return {
        "prospect": wanted.prospect,
        "prospect_phone": wanted.prospect_phone,
        "terms": wanted.terms.model_dump(mode="json"),
        "valid_until_on": until_on,
    }


def _insert(conn: Connection[Any], row: Mapping[str, Any], *, on: date, rng: Random) -> str:
    """The number of the new quote; one that is taken is made anew."""
    for _ in range(TRIES):
        quote_no = make_number("Q", on, rng)
        if store.insert_quote(conn, {**row, "quote_no": quote_no}) is not None:
            return quote_no
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def _audited(row: QuoteRow) -> dict[str, Any]:
    """What the trail tells of a quote: no names, no phones."""
    lines = row.terms["lines"]
    return {
        "customer_no": row.customer_no,
        "kind": row.terms["kind"],
        "lines": len(lines),
        "rent_fen": sum(line["rent_fen"] for line in lines),
        "valid_until_on": row.valid_until_on.isoformat(),
    }
