"""Decides which terms a sale of a package has, and in which one a day lies.

Months are always counted from the day it was sold from, so that the 31st comes back after a shorter
month. Leaves out what a term costs, and when it is billed: billing.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count

from fleet.months import add_months
from fleet.packages.model import InLine, PackageTerm, SaleRow, Term


def terms_from(
    from_on: date,
    months: int,
    *,
    renews: bool,
    until_on: date,
    ended_on: date | None = None,
    last_on: date | None = None,
) -> Iterator[Term]:
    """The terms of so many months that begin before `until_on`; one only, unless it renews.

    None begins on `ended_on` or later, nor after `last_on`, the last day of the lease.

    >>> sold_on, far = date(2026, 1, 31), date(2026, 6, 1)
    >>> for each in terms_from(sold_on, 1, renews=True, until_on=far, ended_on=date(2026, 4, 15)):
    ...     print(each.no, each.from_on, each.until_on)
    1 2026-01-31 2026-02-28
    2 2026-02-28 2026-03-31
    3 2026-03-31 2026-04-30
    >>> [each.no for each in terms_from(sold_on, 12, renews=False, until_on=date(2029, 1, 1))]
    [1]
    """
    for place in count():
        begin = add_months(from_on, place * months)
        over = ended_on is not None and begin >= ended_on
        if begin >= until_on or over or (last_on is not None and begin > last_on):
            return
        yield Term(place + 1, begin, add_months(from_on, (place + 1) * months))
        if not renews:
            return


def term_on(row: SaleRow, on: date) -> Term | None:
    """The term the day lies in; None: before the first, after the last, or between."""
    return next((term for term in _terms(row, on) if term.from_on <= on < term.until_on), None)


def visits_in(row: SaleRow, term: Term | None) -> int:
    """How many visits were made in a term."""
    if term is None:
        return 0
    return sum(term.from_on <= day < term.until_on for day in row.visited)


def due_terms(row: SaleRow, until_on: date, in_lines: Sequence[InLine]) -> list[PackageTerm]:
    """The terms to be billed that begin before `until_on`; what costs nothing is on no bill."""
    if row.price_fen == 0 or row.lease_cancelled:
        return []
    found = []
    for term in terms_from(
        row.from_on,
        row.months,
        renews=row.renews,
        until_on=until_on,
        ended_on=row.ended_on,
        last_on=row.lease_last_on,
    ):
        found.append(
            PackageTerm(
                sale_key=str(row.key),
                no=term.no,
                title=row.title,
                amount_fen=row.price_fen,
                from_on=term.from_on,
                until_on=term.until_on,
                line_no=row.line_no,
                vehicle_id=row.vehicle_id or _vehicle_then(row, term, in_lines),
            )
        )
    return found


def _vehicle_then(row: SaleRow, term: Term, in_lines: Sequence[InLine]) -> int | None:
    """The vehicle in the line on the first day of the term, else the first that came."""
    own = sorted(
        (
            each
            for each in in_lines
            if each.lease_id == row.lease_id and each.line_no == row.line_no
        ),
        key=lambda each: each.since_on,
    )
    come = [each for each in own if each.since_on <= term.from_on]
    return come[-1].vehicle_id if come else own[0].vehicle_id if own else None


def _terms(row: SaleRow, on: date) -> Iterator[Term]:
    """Those that began up to the day."""
    if row.lease_cancelled:
        return iter(())
    day_after = date.fromordinal(on.toordinal() + 1)
    return terms_from(
        row.from_on,
        row.months,
        renews=row.renews,
        until_on=day_after,
        ended_on=row.ended_on,
        last_on=row.lease_last_on,
    )
