"""Decides what a lease-to-own (以租代购) pays beside its rent: at its beginning, and at its end."""

from collections.abc import Iterator, Mapping
from datetime import date

from fleet.billing.context import PlanContext
from fleet.billing.differences import REASONS
from fleet.billing.model import BillDraft, CreditDraft, LineDraft, Source
from fleet.lease_book import Book
from fleet.local_days import local_day

DOWN_PAYMENT = Source("purchase", "down_payment")
BUY_OUT = Source("purchase", "buy_out")


def purchase_bills(
    ctx: PlanContext, billed: Mapping[Source, int]
) -> tuple[list[BillDraft], list[CreditDraft]]:
    """The down payment once it is signed, the price per vehicle once they are bought out."""
    book, drafts, credits_ = ctx.book, [], []
    known_fen = billed.get(DOWN_PAYMENT)
    if book.state == "cancelled":
        if known_fen:
            credits_.append(_back(known_fen))
        return [], credits_
    agreed = book.version_on(book.starts_on).terms
    begins = book.starts_on >= ctx.settings.bills_from_on
    if agreed.buy_out is not None and known_fen is None and begins:
        fen = agreed.buy_out.down_payment_fen
        line = LineDraft("down_payment", "首付款", fen, DOWN_PAYMENT)
        drafts.append(_bill(ctx, "down_payment", book.starts_on, (line,)))
    if book.state == "bought_out" and BUY_OUT not in billed:
        on = _ended_on(book)
        drafts.append(_bill(ctx, "buy_out", on, tuple(_prices(book, on))))
    return [draft for draft in drafts if sum(line.amount_fen for line in draft.lines)], []


def _prices(book: Book, on: date) -> Iterator[LineDraft]:
    """Of each vehicle that was out when they were bought."""
    agreed = book.version_on(on).terms.buy_out
    if agreed is None or agreed.price_fen == 0:
        return
    for segment in book.segments:
        if segment.until_at == book.ended_at:
            yield LineDraft(
                "buy_out",
                "车辆买断款",
                agreed.price_fen,
                BUY_OUT,
                line_no=segment.line_no,
                vehicle_id=segment.vehicle_id,
                basis={"price_fen": agreed.price_fen, "bought_on": on.isoformat()},
            )


def _bill(ctx: PlanContext, purpose: str, due_on: date, lines: tuple[LineDraft, ...]) -> BillDraft:
    late_fee = ctx.book.version_on(due_on).terms.late_fee
    return BillDraft("purchase", purpose, due_on, ctx.today, lines, late_fee=late_fee)


def _back(fen: int) -> CreditDraft:
    because = {"because": "cancelled", "billed_fen": fen, "due_fen": 0}
    return CreditDraft(DOWN_PAYMENT, fen, REASONS["cancelled"], basis=because)


def _ended_on(book: Book) -> date:
    assert book.ended_at is not None, "a lease that was bought out ended then"
    return local_day(book.ended_at, book.zone)
