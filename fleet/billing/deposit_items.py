"""Decides which deposits a lease asks for, and what of them is still to be billed or taken off.

Asked for when the lease is signed, each line for itself, by the terms in force today; a line that
an amendment brings asks from its day on. A lease that is over asks for nothing more; what it has
paid is refunded, not credited (`fleet/deposits`). One that never began gets it off its bills.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from fleet.billing.context import PlanContext
from fleet.billing.differences import REASONS, Because
from fleet.billing.model import BillDraft, CreditDraft, LineDraft, Source
from fleet.billing.purposes import free_purpose
from fleet.lease_book import OVER, Book

RULE: Final = "押金约定"


def deposit_bills(
    ctx: PlanContext, billed: Mapping[Source, int]
) -> tuple[list[BillDraft], list[CreditDraft]]:
    """The bill of the deposits that are not billed yet, and what is taken off.

    8,000 yuan asked for a vehicle when the lease is signed:

    >>> from datetime import UTC, datetime
    >>> from fleet.billing.context import PlanSettings
    >>> from fleet.lease_book import Line, Terms
    >>> from fleet.leasing.book import replay
    >>> from fleet.leasing.events import Signed
    >>> from fleet.leasing.terms import Term
    >>> start = date(2026, 3, 18)
    >>> line = Line(no=1, rent_fen=300_000, deposit_fen=800_000)
    >>> terms = Terms(kind="long", starts_on=start, term=Term(count=12), lines=(line,))
    >>> signed = Signed(happened_at=datetime(2026, 3, 10, 2, tzinfo=UTC), terms=terms)
    >>> book = replay([signed], zone="Asia/Shanghai")
    >>> ctx = PlanContext(book, date(2026, 3, 10), PlanSettings(date(2026, 1, 1)))
    >>> [bill], credits = deposit_bills(ctx, {})
    >>> bill.purpose, str(bill.due_on), str(bill.issue_on), bill.lines[0].amount_fen
    ('deposit', '2026-03-18', '2026-03-10', 800000)
    """
    book = ctx.book
    if book.state in OVER and book.state != "cancelled":
        return [], []
    on = max(ctx.today, book.starts_on)
    lines, credits_ = [], []
    for line_no, wanted_fen in _wanted(book, on, billed).items():
        source = Source("deposit", str(line_no))
        known_fen = billed.get(source, 0)
        if wanted_fen > known_fen:
            lines.append(_line(source, line_no, wanted_fen, known_fen))
        elif wanted_fen < known_fen:
            credits_.append(_credit(book, source, line_no, wanted_fen, known_fen))
    if not lines or book.starts_on < ctx.settings.bills_from_on:
        return [], credits_
    version = book.version_on(on)
    asked_before = any(source.kind == "deposit" for source in billed)
    purpose = f"deposit:{version.no}" if asked_before else "deposit"
    draft = BillDraft(
        kind="deposit",
        purpose=free_purpose(purpose, ctx.issued_purposes),
        due_on=max(book.starts_on, version.effective_on) if asked_before else book.starts_on,
        issue_on=ctx.today,
        lines=tuple(lines),
    )
    return [draft], credits_


def _wanted(book: Book, on: date, billed: Mapping[Source, int]) -> dict[int, int]:
    """By line; one that came back keeps what it was asked for."""
    known = {int(source.key): fen for source, fen in billed.items() if source.kind == "deposit"}
    if book.state == "cancelled":
        return dict.fromkeys(known, 0)
    wanted = dict.fromkeys(known, 0)
    for line in book.version_on(on).terms.lines:
        wanted[line.no] = 0 if line.no in book.dropped_lines else line.deposit_fen
    for no in book.lines_filled - book.lines_out:
        wanted[no] = known.get(no, 0)
    return wanted


def _line(source: Source, line_no: int, wanted_fen: int, known_fen: int) -> LineDraft:
    told = {"deposit_fen": wanted_fen, "rule": RULE}
    if known_fen:
        told["billed_fen"] = known_fen
    return LineDraft(
        kind="deposit",
        title="押金" if known_fen == 0 else "补收押金",
        amount_fen=wanted_fen - known_fen,
        source=source,
        line_no=line_no,
        basis=told,
    )


def _credit(
    book: Book, source: Source, line_no: int, wanted_fen: int, known_fen: int
) -> CreditDraft:
    because: Because = "amended"
    if book.state == "cancelled":
        because = "cancelled"
    elif line_no in book.dropped_lines:
        because = "dropped"
    return CreditDraft(
        source=source,
        amount_fen=known_fen - wanted_fen,
        reason=REASONS[because],
        basis={"because": because, "billed_fen": known_fen, "due_fen": wanted_fen},
    )
