"""Decides which terms sales may not promise alone: those somebody else approves, and why.

Three measures, all dated figures (`lease.approval`): a rent too far below the list, a term too
long, a deposit too far below the list. What has no price on the list is not measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from fleet.lease_figures import LeaseApproval
from fleet.leasing.proration import daily_rent
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import Line, Term, Terms, TermUnit
from kit.money import round_fen, yuan


class Listed(Protocol):
    """What a list says of a model: the rent for one `per`, and the deposit, in fen."""

    @property
    def rent_fen(self) -> int: ...
    @property
    def per(self) -> TermUnit: ...
    @property
    def deposit_fen(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody else must approve; `line_no` None: it is about the whole."""

    code: str
    line_no: int | None
    en: str
    zh: str


def reasons_of(
    terms: Terms, list_prices: Mapping[int, Listed], figures: LeaseApproval
) -> list[Reason]:
    """All reasons, the term's first, then line by line; `list_prices` by the line's number.

    >>> from datetime import date
    >>> from types import SimpleNamespace as Price
    >>> figures = LeaseApproval(
    ...     discount_above_pct=10, term_above_months=36, deposit_below_pct=50)
    >>> line = Line(no=1, rent_fen=260_000, deposit_fen=800_000)
    >>> start = date(2026, 3, 18)
    >>> terms = Terms(kind="long", starts_on=start, term=Term(count=12), lines=(line,))
    >>> price = Price(rent_fen=300_000, per="month", deposit_fen=800_000)
    >>> [each.en for each in reasons_of(terms, {1: price}, figures)]
    ['line 1: rent 2,600.00 is 13.33 % below the list, 3,000.00; 10 % is allowed']
    """
    found = _term(terms, figures)
    for line in terms.lines:
        listed = list_prices.get(line.no)
        if listed is not None:
            found += _rent(line, listed, figures) + _deposit(line, listed, figures)
    return found


def _term(terms: Terms, figures: LeaseApproval) -> list[Reason]:
    ends_on = last_day(terms.starts_on, terms.term)
    most = last_day(terms.starts_on, Term(count=figures.term_above_months, end=terms.term.end))
    if ends_on is None or most is None or ends_on <= most:
        return []
    months = figures.term_above_months
    return [
        Reason(
            "term_long",
            None,
            f"the term runs to {ends_on}; {months} months, to {most}, are allowed",
            f"租期至 {ends_on}，超过 {months} 个月（至 {most}）",
        )
    ]


def _rent(line: Line, listed: Listed, figures: LeaseApproval) -> list[Reason]:
    allowed = figures.discount_above_pct
    list_fen = _list_rent(line, listed)
    if list_fen == 0 or line.rent_fen * 100 >= list_fen * (100 - allowed):
        return []
    discount = yuan(round_fen((100 - Fraction(line.rent_fen * 100) / list_fen) * 100))
    rent, price = yuan(line.rent_fen), yuan(round_fen(list_fen))
    return [
        Reason(
            "rent_below_list",
            line.no,
            f"line {line.no}: rent {rent} is {discount} % below the list, {price};"
            f" {allowed} % is allowed",
            f"第 {line.no} 号租赁项：租金 {rent} 元，低于标价 {price} 元 {discount}%，"
            f"限 {allowed}%",
        )
    ]


def _list_rent(line: Line, listed: Listed) -> Fraction:
    """The list's rent for the same `per`; a month counts as 30 days."""
    if line.per == listed.per:
        return Fraction(listed.rent_fen)
    a_day = daily_rent(Line(no=1, rent_fen=listed.rent_fen, per=listed.per))
    return a_day if line.per == "day" else a_day * 30


def _deposit(line: Line, listed: Listed, figures: LeaseApproval) -> list[Reason]:
    asked = figures.deposit_below_pct
    if line.deposit_fen * 100 >= listed.deposit_fen * asked:
        return []
    deposit, price = yuan(line.deposit_fen), yuan(listed.deposit_fen)
    return [
        Reason(
            "deposit_below_list",
            line.no,
            f"line {line.no}: deposit {deposit} is below {asked} % of the list, {price}",
            f"第 {line.no} 号租赁项：押金 {deposit} 元，低于标准 {price} 元的 {asked}%",
        )
    ]
