"""A billing desk without a database: it plans, issues what is due, and takes off what is too much.

What was issued and credited is remembered as a clerk would, and told in short words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from fleet.billing.context import PlanContext, PlanSettings
from fleet.billing.model import BillDraft, Billed, CreditDraft, LineDraft, Plan, Source
from fleet.billing.plan import plan
from fleet.leasing.book import Book
from tests.fleet.leasing.written import day

SETTINGS: Final = PlanSettings(day("01-01"), draft_days=10, issue_days=7)


@dataclass
class Desk:
    """Bills one lease."""

    settings: PlanSettings = SETTINGS
    bills: list[tuple[date, BillDraft]] = field(default_factory=list)
    credits: list[tuple[date, CreditDraft]] = field(default_factory=list)

    def planned(self, book: Book, on: str | date, **more: Any) -> Plan:
        """What is to be done on a day."""
        today = on if isinstance(on, date) else day(on)
        return plan(
            PlanContext(
                book,
                today,
                self.settings,
                billed=[
                    Billed(source, fen, self._since(source))
                    for source, fen in self.billed().items()
                ],
                issued_purposes=frozenset(bill.purpose for _on, bill in self.bills),
                **more,
            )
        )

    def run(self, book: Book, on: str | date, **more: Any) -> Plan:
        """Plan, issue what may be issued by that day, and take off."""
        today = on if isinstance(on, date) else day(on)
        planned = self.planned(book, today, **more)
        self.bills += [(today, each) for each in planned.drafts if each.issue_on <= today]
        self.credits += [(today, each) for each in planned.credits]
        return planned

    def run_daily(self, book: Book, first: str, last: str, **more: Any) -> None:
        on = day(first)
        while on <= day(last):
            self.run(book, on, **more)
            on += timedelta(days=1)

    def billed(self) -> dict[Source, int]:
        """What stands, by source."""
        found: dict[Source, int] = {}
        for _on, bill in self.bills:
            for line in bill.lines:
                found[line.source] = found.get(line.source, 0) + line.amount_fen
        for _on, credit in self.credits:
            found[credit.source] = found.get(credit.source, 0) - credit.amount_fen
        return found

    def _since(self, source: Source) -> date | None:
        """From which day on kilometres were settled."""
        lines = (line for _on, bill in self.bills for line in bill.lines if line.source == source)
        days = [
            date.fromisoformat(line.basis["from_on"]) for line in lines if "from_on" in line.basis
        ]
        return min(days) if source.kind == "mileage" and days else None

    def stands(self) -> dict[str, int]:
        """The same in words, without what comes to nothing."""
        return {f"{s.kind} {s.key}": fen for s, fen in self.billed().items() if fen}


def told(drafts: Sequence[BillDraft]) -> list[tuple[str, str, str, int]]:
    """Purpose, when it may be issued, when it is due, how much."""
    return [(d.purpose, str(d.issue_on), str(d.due_on), total(d)) for d in drafts]


def total(draft: BillDraft) -> int:
    return sum(line.amount_fen for line in draft.lines)


def days_of(lines: Sequence[LineDraft]) -> list[tuple[int | None, str, str, int]]:
    """Vehicle, first and last day, how much."""
    return [
        (each.vehicle_id, f"{each.from_on:%m-%d}", _last(each.until_on), each.amount_fen)
        for each in lines
    ]


def taken_off(credits_: Sequence[CreditDraft]) -> list[tuple[str, str, str, int, str]]:
    """Source, first and last day, how much, why."""
    return [
        (
            f"{c.source.kind} {c.source.key}",
            "" if c.from_on is None else f"{c.from_on:%m-%d}",
            _last(c.until_on),
            c.amount_fen,
            c.reason,
        )
        for c in credits_
    ]


def _last(until_on: date | None) -> str:
    return "" if until_on is None else f"{until_on - timedelta(days=1):%m-%d}"
