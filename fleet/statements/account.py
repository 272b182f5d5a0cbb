"""Decides how movements become a statement: opening balance, rows with the balance after each, what
is open by age.

Pure sums; leaves out where movements come from (`queries.sql`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from fleet.statements.model import (
    AgeBucket,
    DepositMovement,
    DepositRow,
    Movement,
    OpenBill,
    StatementRow,
)


def rows_of(movements: Iterable[Movement], *, from_on: date) -> tuple[int, list[StatementRow]]:
    """What was owed before `from_on`, and a row for everything since, in order, fen.

    Movements come in their order.
    """
    opening, rows, balance = 0, [], 0
    for one in movements:
        balance += one.amount_fen
        if one.on < from_on:
            opening = balance
            continue
        rows.append(
            StatementRow(
                one.on,
                one.kind,
                one.number,
                one.detail,
                one.lease_no,
                one.due_on,
                debit_fen=max(one.amount_fen, 0),
                credit_fen=max(-one.amount_fen, 0),
                balance_fen=balance,
            )
        )
    return opening, rows


def deposit_rows_of(
    movements: Iterable[DepositMovement], *, from_on: date
) -> tuple[int, list[DepositRow]]:
    """What was held before `from_on`, and a row for everything since, fen."""
    opening, rows, held = 0, [], 0
    for one in movements:
        held += one.amount_fen
        if one.on < from_on:
            opening = held
        else:
            rows.append(
                DepositRow(one.on, one.lease_no, one.kind, one.number, one.amount_fen, held)
            )
    return opening, rows


def overdue_days(due_on: date, *, until_on: date) -> int:
    """Days since a bill was due at the end of the day before `until_on`; 0 where it is not.

    >>> overdue_days(date(2026, 11, 1), until_on=date(2026, 11, 22))
    20
    >>> overdue_days(date(2026, 11, 21), until_on=date(2026, 11, 22))
    0
    """
    return max(0, (until_on - timedelta(days=1) - due_on).days)


def aged(bills: Sequence[OpenBill], up_to_days: Sequence[int]) -> list[AgeBucket]:
    """What is open by how long it is overdue: not due first, without end last.

    >>> one = OpenBill("B", None, "rent", date(2026, 8, 1), date(2026, 8, 1), 500, 300, 112)
    >>> [(b.from_days, b.to_days, b.open_fen) for b in aged([one], (30, 90, 180))]
    [(None, None, 0), (1, 30, 0), (31, 90, 0), (91, 180, 300), (181, None, 0)]
    """
    edges = [0, *up_to_days]
    sums = [0] * (len(edges) + 1)
    for bill in bills:
        place = sum(bill.overdue_days > edge for edge in edges)
        sums[place] += bill.open_fen
    spans: list[tuple[int | None, int | None]] = [(None, None)]
    spans += [(low + 1, high) for low, high in pairwise(edges)]
    spans.append((edges[-1] + 1, None))
    return [AgeBucket(low, high, total) for (low, high), total in zip(spans, sums, strict=True)]
