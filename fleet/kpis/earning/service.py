"""Answers what vehicles earn: revenue by month, operator and model, and profit per vehicle.

Leaves out where the amounts come from (`reckoning`) and what counts as profit
(`fleet/usage/profit.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.earnings import service as earnings
from fleet.kpis import definitions, store
from fleet.kpis.asking.service import asked_of
from fleet.kpis.model import Figure, Revenue, RevenueOf
from fleet.kpis.reckoning.service import VehicleProfit, books_of
from fleet.kpis.spans import Span, span_of
from fleet.kpis.totalling.service import total_of
from fleet.usage.service import Income
from schemas.access import Actor


@dataclass(frozen=True, slots=True)
class Profit(Figure):
    """All vehicles together. `not_known`: of how many vehicles a part is not known.

    `of_no_vehicle_fen`: earned by lines that name no vehicle, such as late fees of a whole lease.
    """

    span: Span
    vehicles: int
    income: Income
    costs_fen: Mapping[str, int]
    not_known: Mapping[str, int]
    of_no_vehicle_fen: int

    @property
    def profit_fen(self) -> int:
        """What is left, with what names no vehicle."""
        return self.income.total_fen + self.of_no_vehicle_fen - sum(self.costs_fen.values())


@dataclass(frozen=True, slots=True)
class Profits(Figure):
    """Vehicle by vehicle, of a page."""

    span: Span
    vehicles: tuple[VehicleProfit, ...]
    more: bool


def revenue(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> Revenue:
    """营业收入 by month, operator and model, of a month or [from_on, until_on).

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear: these are no days to ask of.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    span = span_of(month_on=month_on, from_on=from_on, until_on=until_on, today=asked.today)
    rows = earnings.list_earned(
        conn,
        by=["month", "organisation", "model", "kind"],
        scope=asked.scope,
        from_on=span.from_on,
        until_on=span.until_on,
        known_at=asked.known_at,
    )
    found: dict[tuple[date, str, str | None], dict[str, int]] = {}
    for row in rows:
        assert row.month_on is not None and row.organisation_id is not None and row.kind is not None
        code = asked.members[row.organisation_id].code
        sums = found.setdefault((row.month_on, code, row.model), {})
        origin = earnings.origin_of(row.kind)
        sums[origin] = sums.get(origin, 0) + row.net_fen
    ordered = sorted(found.items(), key=lambda each: (each[0][:2], each[0][2] or ""))
    told = tuple(
        RevenueOf(*group, of.get("rent", 0), of.get("recharge", 0), of.get("purchase", 0))
        for group, of in ordered
        if any(of.values())
    )
    return Revenue(definitions.REVENUE, asked, span, told)


def profit(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> Profit:
    """单车收益 of all vehicles together, of a month or [from_on, until_on).

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear: these are no days to ask of.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    span = span_of(month_on=month_on, from_on=from_on, until_on=until_on, today=asked.today)
    total = total_of(conn, actor, asked, span)
    return Profit(
        definitions.PROFIT,
        asked,
        span,
        total.vehicles,
        total.income,
        total.costs_fen,
        total.not_known,
        total.of_no_vehicle_fen,
    )


def profit_of_vehicles(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    known_at: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
    now: datetime,
) -> Profits:
    """单车收益 vehicle by vehicle: the next `limit` vehicles held in the span or owned, by VIN.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear: these are no days to ask of.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    span = span_of(month_on=month_on, from_on=from_on, until_on=until_on, today=asked.today)
    ids = store.page_of_vehicles(conn, asked, span, after=after, limit=limit + 1)
    page, more = ids[:limit], len(ids) > limit
    books = books_of(conn, actor, asked, span, page)
    return Profits(definitions.PROFIT, asked, span, tuple(books.told(each) for each in page), more)
