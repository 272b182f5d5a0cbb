"""Decides what ending a lease on a day would cost, before anybody does it.

What the lessee still pays (the price by the clause, the notice not kept), what the lessor is likely
to lose, and whether a court may cut the price; what of the deposit is due back. Knows no payments:
rent paid ahead or owed, and whether the deposit was paid at all, is unknown until billing says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from fleet.lease_figures import EarlyEnd
from fleet.leasing.as_of import line_on
from fleet.leasing.early_price import expected_loss_fen, is_cut, price_of, rent_left_fen
from fleet.leasing.proration import daily_rent
from fleet.leasing.shapes import Book
from fleet.leasing.steps.standing import check_running
from fleet.leasing.term_dates import ONE_DAY, days_left
from fleet.leasing.terms import Line, Terms
from kit.money import round_fen


@dataclass(frozen=True, slots=True)
class EarlyEndPreview:
    """Ending on a day, the last of use. All amounts in fen, of the vehicles that are out.

    `claim_fen` is the price and the notice together. `unsettled` names what only billing knows.
    """

    on: date
    ends_on: date | None
    days_left: int | None
    rent_left_fen: int | None
    price_fen: int
    notice_days_short: int
    notice_fen: int
    claim_fen: int
    loss_days: int
    loss_fen: int
    claim_of_loss_pct: int | None
    """None: no loss is expected."""
    may_be_cut: bool
    stands_up_to_fen: int
    """Up to here a court usually leaves it."""
    deposit_fen: int
    held_back_fen: int
    """Of the deposit, for violations that are not known yet, until `held_until_on`."""
    held_until_on: date | None
    deposit_back_fen: int
    """Of the deposit after the claim and what is held back."""
    still_to_pay_fen: int
    """Of the claim, what the deposit does not cover."""
    special_law: bool
    """A lease-to-own: rent, recovered vehicle and debts are set off (民法典 §752, §758)."""
    unsettled: tuple[str, ...] = ("rent_paid_ahead", "rent_overdue", "deposit_paid", "charges")


def preview(book: Book, *, on: date, told_on: date, figures: EarlyEnd) -> EarlyEndPreview:
    """What it comes to if the lease, told on one day, ends on another.

    The price and the notice together are never above the rent that is left, unless the price is by
    itself: nobody pays the same days twice.

    Raises:
        LeaseNotActive, LeaseOver: there is nothing to end early.
    """
    check_running(book)
    now = {"term": book.terms.term, "starts_on": book.starts_on}
    terms = book.version_on(on).terms.model_copy(update=now)
    lines = [line for no in sorted(book.lines_out) if (line := line_on(book, no, on)) is not None]
    left_days = days_left(book.ends_on, on)
    left = rent_left_fen(terms, lines, on + ONE_DAY)
    short = _notice_short(terms, left_days, (on - told_on).days)
    price = price_of(terms.early_end, lines, left or 0) if left_days else 0
    notice = _notice(lines, short, price, left)
    # without an end, the lessee may leave at any time with notice: only that is lost (§730)
    loss_days = min(figures.reletting_days, short if left_days is None else left_days)
    loss = expected_loss_fen(lines, loss_days, figures)
    claim = price + notice
    deposit = sum(line.deposit_fen for line in lines)
    held = min(terms.violation_hold_fen, max(0, deposit - claim))
    return EarlyEndPreview(
        on=on,
        ends_on=book.ends_on,
        days_left=left_days,
        rent_left_fen=left,
        price_fen=price,
        notice_days_short=short,
        notice_fen=notice,
        claim_fen=claim,
        loss_days=loss_days,
        loss_fen=loss,
        claim_of_loss_pct=None if loss == 0 else round_fen(Fraction(claim * 100, loss)),
        may_be_cut=is_cut(claim, loss, figures),
        stands_up_to_fen=loss * figures.court_cut_above_pct // 100,
        deposit_fen=deposit,
        held_back_fen=held,
        held_until_on=on + timedelta(days=terms.violation_hold_days) if held else None,
        deposit_back_fen=max(0, deposit - claim - held),
        still_to_pay_fen=max(0, claim - deposit),
        special_law=terms.kind == "lease_to_own",
    )


def _notice_short(terms: Terms, left_days: int | None, told_days: int) -> int:
    """The days of notice that are missing, not more than are left anyway."""
    short = max(0, terms.early_end.notice_days - max(0, told_days))
    return short if left_days is None else min(short, left_days)


def _notice(lines: list[Line], short: int, price_fen: int, left_fen: int | None) -> int:
    fen = round_fen(Fraction(sum(daily_rent(line) for line in lines) * short))
    return fen if left_fen is None else min(fen, max(0, left_fen - price_fen))
