"""Decides what it means that several rows of a sheet are one thing, such as the lines of a lease.

They are looked at together, and none of them is good while another one is bad. Leaves out kinds
whose rows stand for themselves.
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby

from fleet.sheets.importing import ImportKind
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Problem

CHANGING = ("new", "changed")


def group_of(kind: ImportKind, row: RowFound) -> Hashable:
    """What the row belongs to; a row that does not say belongs to itself."""
    text = None if kind.grouped_by is None else row.told.get(kind.grouped_by)
    return ("row", row.row_no) if text is None else ("group", text)


def gathered(kind: ImportKind, rows: Sequence[RowFound]) -> list[RowFound]:
    """The rows with those of a group one after the other, in the order of their first ones."""
    first: dict[Hashable, int] = {}
    for row in rows:
        first.setdefault(group_of(kind, row), row.row_no)
    return sorted(rows, key=lambda row: (first[group_of(kind, row)], row.row_no))


def batches(
    kind: ImportKind, rows: Sequence[RowFound], size: int
) -> Iterator[tuple[int, Sequence[RowFound]]]:
    """About so many gathered rows at a time, no group apart; each with how many were before it and
    in it.
    """
    done, batch = 0, list[RowFound]()
    for _, group in groupby(rows, key=lambda row: group_of(kind, row)):
        batch += group
        if len(batch) >= size:
            done += len(batch)
            yield done, batch
            batch = []
    if batch:
        yield done + len(batch), batch


def spoil_groups(kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Make those rows bad that would change something together with a bad one."""
    bad: dict[Hashable, int] = {}
    for row in rows:
        if row.outcome == "bad":
            bad.setdefault(group_of(kind, row), row.row_no)
    for row in rows:
        other = bad.get(group_of(kind, row))
        if other is None or row.outcome not in CHANGING:
            continue
        en, zh = f"row {other}, which belongs to it, is bad", f"同一合同的第 {other} 行有误"
        row.problems.append(Problem(kind.grouped_by, "row_of_group_bad", en, zh))
        row.outcome, row.changes, row.whole = "bad", None, None
