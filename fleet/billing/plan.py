"""Decides what is to be done about the bills of a lease, by what is known of it today.

What shall be billed, less what is: so it may be asked as often, and as late, as one likes, after
whatever happened. Rents are drafted some days ahead, each period on its own bill; what comes up
beside joins the next of them, or gets a bill of its own where none is to come. Leaves out VAT,
numbers, and who does it: `service.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from fleet.billing.context import PlanContext
from fleet.billing.deposit_items import deposit_bills
from fleet.billing.extras import extra_credits, extra_lines, kind_of
from fleet.billing.mileage_items import Mileages, mileage_lines
from fleet.billing.model import BillDraft, LineDraft, Plan, Source
from fleet.billing.purchase_items import purchase_bills
from fleet.billing.purposes import free_purpose
from fleet.billing.rents import Rents, rents_of
from fleet.lease_book import OVER


def plan(ctx: PlanContext) -> Plan:
    """All bills that are not issued and shall be, what is to be taken off, and when to look again.

    3,000 yuan a month from 2026-01-31, paid in advance, the vehicle handed over that day. On
    2026-02-20 the first bill is issued and the second, due on the 28th, is drafted.

    >>> from datetime import UTC, datetime
    >>> from fleet.billing.context import PlanSettings
    >>> from fleet.billing.model import Billed
    >>> from fleet.lease_book import Line, Terms
    >>> from fleet.leasing.book import replay
    >>> from fleet.leasing.events import HandedOut, Signed
    >>> from fleet.leasing.terms import Term
    >>> terms = Terms(
    ...     kind="long", starts_on=date(2026, 1, 31), term=Term(count=12),
    ...     lines=(Line(no=1, rent_fen=300_000),),
    ... )
    >>> at = datetime(2026, 1, 31, 1, tzinfo=UTC)
    >>> out = HandedOut(happened_at=at, line_no=1, vehicle_id=11)
    >>> book = replay([Signed(happened_at=at, terms=terms), out], zone="Asia/Shanghai")
    >>> planned = plan(PlanContext(
    ...     book, date(2026, 2, 20), PlanSettings(date(2026, 1, 1)),
    ...     billed=[Billed(Source("rent", "1:1"), 300_000)],
    ...     issued_purposes=frozenset({"rent:1"}),
    ... ))
    >>> [(d.purpose, str(d.due_on), str(d.issue_on), d.lines[0].title) for d in planned.drafts]
    [('rent:2', '2026-02-28', '2026-02-21', '租金 2026-02-28 至 2026-03-30')]
    >>> planned.credits, str(planned.next_on)
    ((), '2026-02-21')
    """
    billed = billed_by_source(ctx)
    rents = rents_of(ctx, billed)
    deposits, deposit_credits = deposit_bills(ctx, billed)
    purchases, purchase_credits = purchase_bills(ctx, billed)
    mileages = mileage_lines(ctx, billed)
    lines = [*rents.further, *mileages.lines, *extra_lines(ctx, billed)]
    drafts = [*deposits, *purchases, *_with_extras(ctx, rents, lines)]
    credits_ = [*rents.credits, *deposit_credits, *purchase_credits, *extra_credits(ctx, billed)]
    return Plan(tuple(drafts), tuple(credits_), _next_on(ctx, rents, mileages, drafts))


def billed_by_source(ctx: PlanContext) -> dict[Source, int]:
    """What stands on issued bills, less what was taken off; a source told twice is added up."""
    found: dict[Source, int] = {}
    for each in ctx.billed:
        found[each.source] = found.get(each.source, 0) + each.amount_fen
    return found


def _with_extras(ctx: PlanContext, rents: Rents, lines: Sequence[LineDraft]) -> list[BillDraft]:
    """The drafts of rents, the earliest that is not overdue with all that came up beside; else a
    bill for that.

    After down-time drafts are due on days that are over: what was never asked for is not late.
    """
    if not lines:
        return rents.drafts
    for place, draft in enumerate(rents.drafts):
        if draft.due_on >= ctx.today:
            taking = replace(draft, lines=(*draft.lines, *lines))
            return [*rents.drafts[:place], taking, *rents.drafts[place + 1 :]]
    if sum(line.amount_fen for line in lines) == 0 or (not ctx.by_hand and _waits(ctx, rents)):
        return rents.drafts
    own = BillDraft(
        kind=kind_of(list(lines)),
        purpose=free_purpose(f"charges:{ctx.today}", ctx.issued_purposes),
        due_on=ctx.today + timedelta(days=ctx.settings.issue_days),
        issue_on=ctx.today,
        lines=tuple(lines),
        late_fee=ctx.book.version_on(ctx.today).terms.late_fee,
    )
    return [*rents.drafts, own]


def _waits(ctx: PlanContext, rents: Rents) -> bool:
    """Whether a bill of rent is to come that can take it along."""
    if ctx.book.state in OVER or ctx.book.terms.billing == "once":
        return False
    return rents.costs


def _next_on(
    ctx: PlanContext, rents: Rents, mileages: Mileages, drafts: Sequence[BillDraft]
) -> date | None:
    days = [draft.issue_on for draft in drafts]
    days += rents.waits_until + mileages.look_on
    days += [version.effective_on for version in ctx.book.versions]
    if rents.comes_on is not None:
        days.append(rents.comes_on)
    return min((day for day in days if day > ctx.today), default=None)
