"""Answers what was collected, what is open and how old, which deposits and credits are owed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from psycopg import Connection

from fleet.kpis import definitions, store
from fleet.kpis.ageing import first_days, labels
from fleet.kpis.asking.service import asked_of
from fleet.kpis.model import (
    AgedOf,
    Ageing,
    Asked,
    CollectedOf,
    Collection,
    CreditOf,
    Credits,
    Deposits,
    DepositsOf,
)
from fleet.kpis.spans import day_of, span_of
from fleet.money_figures import ReceivableAgeing
from fleet.parameters import service as parameters
from schemas.access import Actor

By = Literal["organisation", "customer"]
Part = TypeVar("Part", AgedOf, CreditOf)
Named = dict[int | None, tuple[str, str]]


def collection(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> Collection:
    """收缴率 of bills due in a month or [from_on, until_on), as it stood at the end of day `on`.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear: these are no days to ask of.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    span = span_of(month_on=month_on, from_on=from_on, until_on=until_on, today=asked.today)
    day = day_of(on, today=asked.today)
    rows = store.sum_collection(conn, asked, span, day)
    parts = []
    whole = CollectedOf(None)
    everything = CollectedOf(None)
    for row in sorted(rows, key=lambda each: asked.members[each["organisation_id"]].code):
        in_span = row.pop("in_span")
        part = CollectedOf(asked.members[row.pop("organisation_id")].code, **row)
        everything = _added(everything, part)
        if in_span:
            whole = _added(whole, part)
            parts.append(part)
    return Collection(definitions.COLLECTION, asked, span, day, whole, everything, tuple(parts))


def ageing(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
    by: By = "organisation",
    after: str | None = None,
    limit: int | None = None,
    now: datetime,
) -> Ageing:
    """应收账龄 at the end of a day, by organisation or customer; the next `limit` of these.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead: the day lies ahead.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    day = day_of(on, today=asked.today)
    figures = parameters.figures(conn, ReceivableAgeing, tenant_id=asked.tenant_id or 0, on=day)
    begins = first_days(figures.up_to_days)
    rows = store.sum_ageing(conn, asked, day, by, begins)
    named = _named(conn, asked, by, [row[0] for row in rows])
    empty = (0,) * (len(begins) + 1)
    total = AgedOf(None, None, empty)
    parts: dict[int, AgedOf] = {}
    for group, of_deposits, bucket, open_fen in rows:
        part = parts.get(group) or AgedOf(*named[group], empty)
        parts[group] = _aged(part, of_deposits=of_deposits, bucket=bucket, open_fen=open_fen)
        total = _aged(total, of_deposits=of_deposits, bucket=bucket, open_fen=open_fen)
    page, more = _page([*parts.values()], after, limit)
    return Ageing(
        definitions.AGEING, asked, day, tuple(labels(figures.up_to_days)), total, page, more
    )


def deposits(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> Deposits:
    """押金负债 at the end of a day.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead: the day lies ahead.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    day = day_of(on, today=asked.today)
    sums: dict[int, dict[str, int]] = {}
    for holder, kind, amount_fen in store.sum_deposit_movements(conn, asked, day):
        sums.setdefault(holder, {})[kind] = amount_fen
    held = store.sum_accounts(conn, asked, day, "organisation", ["deposit_liability"])
    for each, _account, balance_fen in held:
        if each is not None:
            sums.setdefault(each, {})["held"] = -balance_fen
    parts = [_deposits_of(asked.members[each].code, moved) for each, moved in sums.items()]
    parts.sort(key=lambda part: str(part.code))
    total = DepositsOf(
        None,
        held_fen=sum(part.held_fen for part in parts),
        applied_fen=sum(part.applied_fen for part in parts),
        refunded_fen=sum(part.refunded_fen for part in parts),
        held_back_fen=sum(part.held_back_fen for part in parts),
    )
    return Deposits(definitions.DEPOSITS, asked, day, total, tuple(parts))


def credit(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
    by: By = "organisation",
    after: str | None = None,
    limit: int | None = None,
    now: datetime,
) -> Credits:
    """预收/余额 at the end of a day, by organisation or customer; the next `limit` of these.

    Raises:
        OrganisationNotFound: there is none in sight.
        KpiDayAhead: the day lies ahead.
    """
    asked = asked_of(conn, actor, organisation=organisation, known_at=known_at, now=now)
    day = day_of(on, today=asked.today)
    accounts = ["customer_credit", "unclaimed"]
    rows = store.sum_accounts(conn, asked, day, by, accounts)
    named = _named(conn, asked, by, [row[0] for row in rows if row[0] is not None])
    total = CreditOf(None, None, 0)
    parts: dict[int, CreditOf] = {}
    for group, account, balance_fen in rows:
        total = _credited(total, account, -balance_fen)
        if group is not None:
            part = parts.get(group) or CreditOf(*named[group], 0)
            parts[group] = _credited(part, account, -balance_fen)
    page, more = _page([*parts.values()], after, limit)
    return Credits(definitions.CREDITS, asked, day, total, page, more)


def _added(one: CollectedOf, other: CollectedOf) -> CollectedOf:
    return CollectedOf(
        one.code,
        one.bills + other.bills,
        one.billed_fen + other.billed_fen,
        one.credited_fen + other.credited_fen,
        one.collected_fen + other.collected_fen,
        one.from_deposits_fen + other.from_deposits_fen,
        one.written_off_fen + other.written_off_fen,
    )


def _aged(part: AgedOf, *, of_deposits: bool, bucket: int, open_fen: int) -> AgedOf:
    if of_deposits:
        return replace(part, deposits_fen=part.deposits_fen + open_fen)
    buckets = [*part.buckets_fen]
    buckets[bucket] += open_fen
    return replace(part, buckets_fen=tuple(buckets))


def _deposits_of(code: str, moved: dict[str, int]) -> DepositsOf:
    def of(kind: str) -> int:
        return moved.get(kind, 0)

    return DepositsOf(
        code,
        held_fen=of("held"),
        applied_fen=of("applied") - of("unapplied"),
        refunded_fen=of("refunded"),
        held_back_fen=of("held_back") - of("released"),
    )


def _credited(part: CreditOf, account: str, amount_fen: int) -> CreditOf:
    if account == "unclaimed":
        return replace(part, unclaimed_fen=part.unclaimed_fen + amount_fen)
    return replace(part, credit_fen=part.credit_fen + amount_fen)


def _named(conn: Connection[Any], asked: Asked, by: By, ids: Iterable[int]) -> Named:
    """What groups are called: a code or a number, and a name."""
    if by == "organisation":
        return {each.id: (each.code, each.name) for each in asked.members.values()}
    customers = store.name_customers(conn, sorted(set(ids)))
    return {each: (number, name) for each, number, name in customers}


def _page(
    parts: Sequence[Part], after: str | None, limit: int | None
) -> tuple[tuple[Part, ...], bool]:
    """Those after a key, at most `limit`, by key; and whether there are more."""
    ordered = sorted(parts, key=lambda part: str(part.key))
    following = [part for part in ordered if after is None or str(part.key) > after]
    return tuple(following[:limit]), limit is not None and len(following) > limit
