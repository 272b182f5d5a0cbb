"""Decides which periods of rent of a lease are due to be drafted, and what was billed wrongly.

Every period is looked at anew each time: what it should come to, less what stands on bills. So it
does not matter how often, how late, or after which event.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from fleet.billing.context import PlanContext
from fleet.billing.differences import credits_of, further_lines, target_fen, untaken_of
from fleet.billing.model import BillDraft, CreditDraft, LineDraft, Source
from fleet.billing.purposes import rent_purpose
from fleet.billing.rent_items import RentItem, rent_item
from fleet.billing.stretches import Stretch, in_force, line_numbers, stretches_of
from fleet.lease_book import Book, RentPeriod, Rhythm, periods_of, rhythm_of


@dataclass(slots=True)
class Rents:
    """What the rents come to. `comes_on`: the day the next period is to be drafted; None: none is
    to come. `costs`: it costs something, by what is known. `waits_until`: days an open suspension
    is settled on.
    """

    drafts: list[BillDraft] = field(default_factory=list)
    further: list[LineDraft] = field(default_factory=list)
    credits: list[CreditDraft] = field(default_factory=list)
    comes_on: date | None = None
    costs: bool = False
    waits_until: list[date] = field(default_factory=list)


def rents_of(ctx: PlanContext, billed: Mapping[Source, int]) -> Rents:
    """The drafts of rents, further lines for what was billed too low, and credits."""
    book, found = ctx.book, Rents()
    rhythm = rhythm_of(book.terms)
    versions = in_force(book)
    lines = {no: stretches_of(book, no, versions) for no in line_numbers(versions)}
    left = {source: fen for source, fen in billed.items() if source.kind == "rent"}
    last_issued = max((_period_no(source) for source in left), default=0)
    horizon = ctx.today + timedelta(days=ctx.settings.draft_days)
    most_ahead = max(each.version.terms.pays_ahead_days for each in versions)
    for period in periods_of(book, until_on=date.max):
        terms = book.version_on(period.from_on).terms
        due_on = period.from_on - timedelta(days=terms.pays_ahead_days)
        issued = rent_purpose(period.no) in ctx.issued_purposes
        if not issued and due_on > horizon:
            if found.comes_on is None:
                found.comes_on = due_on - timedelta(days=ctx.settings.draft_days)
                rents = (rent_item(no, period, days, rhythm) for no, days in lines.items())
                found.costs = any(item.amount_fen for item in rents)
            if period.from_on - timedelta(days=most_ahead) > horizon and period.no >= last_issued:
                break
            continue
        if not issued and period.from_on < ctx.settings.bills_from_on:
            continue
        items = [rent_item(no, period, days, rhythm) for no, days in lines.items()]
        settled = _settle(ctx, found, rhythm, items, left)
        if not issued and settled:
            found.drafts.append(_draft(ctx, period, due_on, settled))
        else:
            found.further += settled
    found.credits += _gone(book, rhythm, left)
    return found


def _settle(
    ctx: PlanContext,
    found: Rents,
    rhythm: Rhythm,
    items: Sequence[RentItem],
    left: dict[Source, int],
) -> list[LineDraft]:
    """The lines a period still needs; what was billed too high joins the credits."""
    lines: list[LineDraft] = []
    for item in items:
        billed_fen = left.pop(item.source, 0)
        over = ctx.today >= item.period.until_on
        target = target_fen(item, billed_fen, over=over)
        if not over and target != item.amount_fen:
            found.waits_until.append(item.period.until_on)
        if target > billed_fen:
            lines += further_lines(item, billed_fen, target)
        elif target < billed_fen:
            whole = _whole(rhythm, item.period)
            untaken = untaken_of(ctx.book, item, *whole)
            found.credits += credits_of(item, billed_fen, target, untaken)
    return lines


def _draft(
    ctx: PlanContext, period: RentPeriod, due_on: date, lines: Sequence[LineDraft]
) -> BillDraft:
    return BillDraft(
        kind="rent",
        purpose=rent_purpose(period.no),
        due_on=due_on,
        issue_on=max(ctx.today, due_on - timedelta(days=ctx.settings.issue_days)),
        lines=tuple(lines),
        from_on=period.from_on,
        until_on=period.until_on,
        late_fee=ctx.book.version_on(period.from_on).terms.late_fee,
    )


def _gone(book: Book, rhythm: Rhythm, left: Mapping[Source, int]) -> Iterator[CreditDraft]:
    """Periods that were billed and are none any more, because the lease is over before them."""
    for source, billed_fen in left.items():
        if billed_fen <= 0:
            continue
        line_no, period_no = (int(part) for part in source.key.split(":"))
        from_on, until_on = book.starts_on, book.starts_on
        if rhythm.billing != "once":
            from_on, until_on = rhythm.month(period_no - 1)
        empty = RentPeriod(period_no, from_on, until_on, ())
        item = RentItem(source, line_no, empty, rhythm, (), 0, 0)
        yield from credits_of(item, billed_fen, 0, untaken_of(book, item, from_on, until_on))


def _whole(rhythm: Rhythm, period: RentPeriod) -> tuple[date, date]:
    """A period as if nothing had ended in it."""
    if rhythm.billing == "once":
        return period.from_on, period.until_on
    return rhythm.month(period.no - 1)


def _period_no(source: Source) -> int:
    return int(source.key.split(":")[1])


__all__ = ["Rents", "Stretch", "rents_of"]
