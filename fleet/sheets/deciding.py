"""Decides what a row of a sheet would do to what is there.

Every row comes out as new, changed, same or bad. Leaves out what its texts stand for (`naming.py`),
and where what is there comes from (`service.py`).
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fleet.sheets.importing import ImportKind
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Headers, Problem

_LISTS: Final = (list, tuple)
NAMED_AT_MOST: Final = 5
"""Of many rows that mean the same, so many are named."""


def propose(
    kind: ImportKind, row: RowFound, known: Mapping[str, Any] | None, *, sender_code: str
) -> None:
    """Put together the row as it shall be: what is there, `known`, with what the sheet tells."""
    row.whole = row.changes = None
    if row.problems:
        return
    _leave_as_shown(kind, row, known or {})
    of_sender = dict.fromkeys(kind.of_sender, sender_code) if known is None else {}
    whole = {**of_sender, **(known or {}), **row.told}
    if kind.completed is not None:
        kind.completed(whole)
    row.problems += [problem for check in kind.checks if (problem := check(whole)) is not None]
    was = known or {}
    row.whole = whole
    row.changes = {
        name: [plain(kind.kind.shown(name, each)) for each in (was.get(name), value)]
        for name, value in whole.items()
        if not alike(value, was.get(name))
    }


def _leave_as_shown(kind: ImportKind, row: RowFound, known: Mapping[str, Any]) -> None:
    """A number that is told as it was handed out, masked, stays."""
    for column in kind.kind.columns:
        name = column.field
        if column.masked is None or name not in row.told or known.get(name) is None:
            continue
        if row.told[name] == column.masked(known[name]):
            del row.told[name]


def conclude(
    kind: ImportKind,
    row: RowFound,
    known: Mapping[str, Any] | None,
    may: Callable[[str], bool],
) -> None:
    """Say how the row comes out, after all that is wrong with it was found."""
    if row.whole is not None:
        row.problems += _forbidden(kind, known, row, may)
    if row.problems:
        row.outcome, row.changes, row.whole = "bad", None, None
    elif known is None:
        row.outcome = "new"
    elif row.changes:
        row.outcome = "changed"
    else:
        row.outcome, row.changes, row.whole = "same", None, None


def _forbidden(
    kind: ImportKind,
    known: Mapping[str, Any] | None,
    row: RowFound,
    may: Callable[[str], bool],
) -> list[Problem]:
    """What stands against adding the row, or against what it changes."""
    whole, changes = row.whole or {}, row.changes or {}
    if known is None:
        told = {problem.field for problem in row.problems}
        missing = [
            name for name in kind.needed_when_new if whole.get(name) is None and name not in told
        ]
        problems = [_missing(kind, name) for name in missing]
        return problems if may(kind.may_add) else [*problems, _not_allowed(kind.may_add)]
    problems = [
        problem
        for name, problem in kind.kept.items()
        if name in changes and known.get(name) is not None
    ]
    if changes and not may(kind.may_change):
        problems.append(_not_allowed(kind.may_change))
    return problems


def _missing(kind: ImportKind, name: str) -> Problem:
    column = kind.kind.column(name)
    en, zh = f"{column.en} is needed for what is new", f"新增时必须填写{column.zh}"
    return Problem(name, "required", en, zh)


def _not_allowed(permission: str) -> Problem:
    en, zh = f"you may not do this: {permission}", f"没有权限：{permission}"
    return Problem(None, "permission_missing", en, zh)


def tell_repeated(kind: ImportKind, rows: Iterable[RowFound]) -> None:
    """Rows that mean the same thing, or claim the same number, are bad, all of them: which of them
    counts, nobody knows.
    """
    rows = list(rows)
    for same in _together((row.key, row) for row in rows):
        for row in same:
            _tell(row, kind.key_fields[0], row.key_text, same)
    for check in kind.together:
        check(rows)
    for name in kind.distinct:
        for same in _together((row.told.get(name), row) for row in rows):
            if len({row.key for row in same}) > 1:
                for row in same:
                    _tell(row, name, kind.kind.shown(name, row.told[name]), same)


def _together(meant: Iterable[tuple[Hashable | None, RowFound]]) -> list[list[RowFound]]:
    """The rows that mean the same, together."""
    by_meaning: dict[Hashable, list[RowFound]] = {}
    for meaning, row in meant:
        if meaning is not None:
            by_meaning.setdefault(meaning, []).append(row)
    return [same for same in by_meaning.values() if len(same) > 1]


def _tell(row: RowFound, name: str, text: Any, same: list[RowFound]) -> None:
    others = [str(each.row_no) for each in same[: NAMED_AT_MOST + 1] if each is not row]
    listed = others[:NAMED_AT_MOST]
    en = f"{text} stands in row {', '.join(listed)}, too"
    zh = f"{text} 与第 {'、'.join(listed)} 行重复"
    row.problems.append(Problem(name, "row_repeated", en, zh))


def alike(told: Any, known: Any) -> bool:
    """Whether two values mean the same; of lists the order does not matter.

    >>> alike(Decimal("12.50"), Decimal("12.5")), alike(("b", "a"), ["a", "b"]), alike((), None)
    (True, True, True)
    """
    if isinstance(told, _LISTS) or isinstance(known, _LISTS):
        return sorted(told or ()) == sorted(known or ())
    return bool(told == known)


def plain(value: Any) -> Any:
    """A value as JSON holds it.

    >>> plain(Decimal("38.70")), plain(date(2026, 5, 1)), plain(("a", "b"))
    ('38.7', '2026-05-01', ['a', 'b'])
    """
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def headers_told(
    headers: Headers, *, left_out: frozenset[str], sheet: str | None, sheets: Iterable[str]
) -> dict[str, Any]:
    """What is kept of the headings: also how to find the columns again."""
    return {
        "sheet": sheet,
        "sheets": list(sheets),
        "first_row": headers.first_row,
        "first_data_row": headers.first_data_row,
        "matched": [
            {"field": name, "label": headers.labels[name], "place": place}
            for name, place in headers.places.items()
        ],
        "unknown": list(headers.unknown),
        "missing": list(headers.missing),
        "repeated": list(headers.repeated),
        "not_allowed": sorted(left_out & headers.places.keys()),
    }


def headers_read(told: Mapping[str, Any]) -> Headers:
    """The headings again, as they were kept."""
    matched = told["matched"]
    return Headers(
        first_row=told["first_row"],
        first_data_row=told["first_data_row"],
        places={each["field"]: each["place"] for each in matched},
        labels={each["field"]: each["label"] for each in matched},
        unknown=tuple(told["unknown"]),
        missing=tuple(told["missing"]),
        repeated=tuple(told["repeated"]),
    )
