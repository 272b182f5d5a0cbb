"""Tells what follows from a lease in days and money: cautions, periods of rent, an early end.

Looks up the figures of the day and asks the pure parts. Leaves out bills: nothing here knows what
was paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.customers import service as customers
from fleet.lease_figures import EarlyEnd, LateFeeMeasure, LoanPrimeRate
from fleet.leasing import store
from fleet.leasing.books import service as books
from fleet.leasing.cautions import Caution, Measures, cautions_of, customer_cautions
from fleet.leasing.early_end import EarlyEndPreview, preview
from fleet.leasing.errors import LeaseNotSigned
from fleet.leasing.model import Lease
from fleet.leasing.proration import rent_of
from fleet.leasing.rent_periods import RentPeriod, periods_of, rent_periods, rhythm_of
from fleet.leasing.shapes import Book
from fleet.leasing.terms import Line, Terms
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from schemas.access import Actor


@dataclass(frozen=True, slots=True)
class RentOfPeriod:
    """A period of rent and what all lines agreed come to in it, in fen; a line that was dropped
    costs nothing.

    Without what was swapped, suspended or given back within it: that is for the bill.
    """

    period: RentPeriod
    rent_fen: int


def cautions_on(conn: Connection[Any], lease: Lease, terms: Terms, *, on: date) -> list[Caution]:
    """What is unusual or risky in terms, by the figures of a day; and in the customer, as it stands
    now, until the first vehicle is handed out.
    """
    measures = Measures(
        lpr=parameters.figures(conn, LoanPrimeRate, tenant_id=lease.tenant_id, on=on),
        late_fee=parameters.figures(conn, LateFeeMeasure, tenant_id=lease.tenant_id, on=on),
        early_end=parameters.figures(conn, EarlyEnd, tenant_id=lease.tenant_id, on=on),
    )
    found = cautions_of(terms, measures, in_writing=store.has_contract(conn, lease.id))
    if lease.state not in ("draft", "signed"):
        return found
    return found + customer_cautions(
        numbered=customers.has_id_number(conn, customer_id=lease.customer_id),
        like_blacklisted=customers.like_blacklisted(conn, customer_id=lease.customer_id),
    )


def list_rent_periods(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    until_on: date | None = None,
    now: datetime,
) -> list[RentOfPeriod]:
    """The periods of rent that begin before a day, a year from now unless said, from the start on.

    Of a draft: as they would be.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    actor.require("lease.read")
    lease = books.get_lease(conn, lease_no)
    until = until_on or local_day(now, lease.zone) + timedelta(days=366)
    book = books.find_book(conn, lease)
    if book is None:
        rhythm = rhythm_of(lease.terms)
        found = list(rent_periods(rhythm, last_on=lease.ends_on, until_on=until))
        return [RentOfPeriod(each, _rent(lease.terms.lines, lease.terms, each)) for each in found]
    return [RentOfPeriod(each, _rent_in(book, each)) for each in periods_of(book, until_on=until)]


def _rent_in(book: Book, period: RentPeriod) -> int:
    terms = book.version_on(period.from_on).terms
    lines = [line for line in terms.lines if line.no not in book.dropped_lines]
    return _rent(lines, terms, period)


def _rent(lines: Iterable[Line], terms: Terms, period: RentPeriod) -> int:
    return sum(rent_of(line.rent_fen, line.per, period, terms.proration) for line in lines)


def preview_early_end(
    conn: Connection[Any], actor: Actor, *, lease_no: str, on: date | None = None, now: datetime
) -> EarlyEndPreview:
    """What it would come to if the lease, told today, ended on a day, today unless said.

    Raises:
        LeaseNotFound, LeaseNotSigned, LeaseNotActive, LeaseOver: there is no such lease running.
    """
    actor.require("lease.read")
    lease = books.get_lease(conn, lease_no)
    book = books.find_book(conn, lease)
    if book is None:
        raise LeaseNotSigned(f"{lease_no} is not signed", lease_no=lease_no, state=lease.state)
    today = local_day(now, lease.zone)
    figures = parameters.figures(conn, EarlyEnd, tenant_id=lease.tenant_id, on=today)
    return preview(book, on=on or today, told_on=today, figures=figures)
