"""Decides which row of a sheet is its header, and which column holds which field.

A label names a field when it is one of its words exactly, once both are made plain: half-width,
small letters, no blanks, marks or units in brackets (a unit that changes the number is kept:
购置价(万元) is not 购置价). Never a guess by likeness. Titles may stand above; the header may be
two rows, groups (交强险 | 商业险) over names (保单号 | 起 | 止).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple

from fleet.sheets.errors import SheetHeaderNotFound, empty
from fleet.sheets.model import BadCell, Column, Headers

SEARCHED_ROWS: Final = 20
LONGEST_LABEL: Final = 60
_BRACKETS: Final = re.compile(r"[(\[{【〔<《]([^)\]}】〕>》]*)[)\]}】〕>》]")
_OTHER_UNITS: Final = re.compile(r"\s*(万.*|千元|百元|吨|t|年|英里|mi(les?)?)\s*", re.IGNORECASE)
"""Units that a column of ours does not have; dropping them would read 12.5 万元 as 12.5 元."""

Row = tuple[int, list[Any]]


class _Labels(NamedTuple):
    """The header as one candidate has it: where it stands and what is over each column."""

    first: int
    """Index among the searched rows."""
    rows: int
    alternatives: list[tuple[str, ...]]
    """What each column may be called, the most exact first; () for nothing."""


def plain(label: str) -> str:
    """A label as it is compared.

    >>> plain("购置价\\n（元）"), plain("*Plate No."), plain("起保 日期："), plain("购置价(万元)")
    ('购置价', 'plateno', '起保日期', '购置价万元')
    """
    text = unicodedata.normalize("NFKC", label)
    bare = _BRACKETS.sub(lambda found: found[1] if _OTHER_UNITS.fullmatch(found[1]) else "", text)
    return _letters(bare) or _letters(text)


def _letters(text: str) -> str:
    """Only letters and digits, small."""
    return "".join(character for character in text.casefold() if character.isalnum())


def find_table(rows: Iterator[Row], columns: Sequence[Column]) -> tuple[Headers, Iterator[Row]]:
    """The header, and all rows below it.

    Raises:
        SheetEmpty: there is no row at all.
        SheetHeaderNotFound: none of the first rows names a column.
    """
    first = list(islice(rows, SEARCHED_ROWS))
    if not first:
        raise empty()
    headers = match_headers(first, columns)
    below = [row for row in first if row[0] >= headers.first_data_row]
    return headers, chain(below, rows)


def match_headers(first_rows: Sequence[Row], columns: Sequence[Column]) -> Headers:
    """The header among these rows: the one that names the most fields, the topmost of several.

    Raises:
        SheetHeaderNotFound: none of them names a column.
    """
    fields = fields_by_word(columns)
    best: tuple[int, _Labels] | None = None
    for candidate in _candidates(first_rows[:SEARCHED_ROWS]):
        found = len({field for names in candidate.alternatives if (field := _field(names, fields))})
        if found and (best is None or found > best[0]):
            best = found, candidate
    if best is None:
        wanted = [column for column in columns if column.required] or list(columns)
        raise SheetHeaderNotFound(
            f"None of the first {SEARCHED_ROWS} rows is a header with"
            f" {', '.join(column.en for column in wanted)}",
            f"前 {SEARCHED_ROWS} 行中找不到表头，应包含：{'、'.join(c.zh for c in wanted)}",
            wanted=[column.zh for column in wanted],
        )
    return _headers(best[1], first_rows, columns, fields)


def fields_by_word(columns: Sequence[Column]) -> dict[str, str]:
    """Every plain word → the field it names. Raises: ValueError, where a word names two fields."""
    fields: dict[str, str] = {}
    for column in columns:
        for word in (column.zh, column.en, column.field, *column.synonyms):
            if fields.setdefault(plain(word), column.field) != column.field:
                raise ValueError(f"{word!r} names {fields[plain(word)]} and {column.field}")
    return fields


def _candidates(rows: Sequence[Row]) -> Iterator[_Labels]:
    """Every row alone, then every row as groups over the next: of equals the first is taken."""
    for index, (_, values) in enumerate(rows):
        yield _Labels(index, 1, [(label,) if label else () for label in map(_label, values)])
    for index, ((upper_no, upper), (lower_no, lower)) in enumerate(pairwise(rows)):
        if lower_no == upper_no + 1:
            yield _Labels(index, 2, _two_rows(upper, lower))


def _two_rows(upper: Sequence[Any], lower: Sequence[Any]) -> list[tuple[str, ...]]:
    """A group reaches over the columns to its right that have no label of their own above."""
    alternatives: list[tuple[str, ...]] = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = _label(upper[place]) if place < len(upper) else ""
        below = _label(lower[place]) if place < len(lower) else ""
        group = above or group
        if not below:
            alternatives.append((above,) if above else ())
        else:
            alternatives.append((group + below, below) if group else (below,))
    return alternatives


def _label(value: Any) -> str:
    if value is None or isinstance(value, BadCell):
        return ""
    return " ".join(str(value).split())[:LONGEST_LABEL]


def _field(names: tuple[str, ...], fields: Mapping[str, str]) -> str | None:
    return next((fields[word] for name in names if (word := plain(name)) in fields), None)


def _headers(
    labels: _Labels, rows: Sequence[Row], columns: Sequence[Column], fields: Mapping[str, str]
) -> Headers:
    places: dict[str, int] = {}
    own: dict[str, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for place, names in enumerate(labels.alternatives):
        if not names:
            continue
        field = _field(names, fields)
        if field is None:
            unknown.append(names[0])
        elif field in places:
            repeated.append(names[0])
        else:
            places[field] = place
            own[field] = names[0]
    return Headers(
        first_row=rows[labels.first][0],
        first_data_row=rows[labels.first + labels.rows - 1][0] + 1,
        places=places,
        labels=own,
        unknown=tuple(unknown),
        missing=tuple(c.field for c in columns if c.required and c.field not in places),
        repeated=tuple(repeated),
    )
