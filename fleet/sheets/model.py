"""What a kind of sheet is made of: its columns, and what is found wrong in a row.

Leaves out which kinds there are (`kinds_*.py`) and how a cell is read (`cells.py`, `dates.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Form = Literal["xlsx", "csv"]
"""How a sheet is stored."""
Holds = Literal[
    "text", "integer", "decimal", "money", "percent", "date", "month", "instant", "yes_no", "choice"
]
"""What the cells of a column hold; decides how they are written and what a template offers.

As values: text str, integer int, decimal and percent Decimal, money int (fen), date `date`,
month the first day of it as `date`, instant aware `datetime`, yes_no bool, choice str.
"""


_UNSEEN: Final = "\u200b\ufeff \t\r\n\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a row: in the column `field`, or with the row as a whole (None)."""

    field: str | None
    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class BadCell:
    """Stands in a row in place of a value that the file does not hold: an error, or a formula
    that was never computed."""

    code: str
    en: str
    zh: str
    text: str
    """What is seen there, for instance `#N/A`."""


class PercentCell(float):
    """The number of a cell formatted as percent: 0.05 where 5% is seen."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of sheet.

    `parse` turns what stands in a cell (never blank) into the value, or raises CellProblem.
    `zh` and `en` are what a template writes over it; `synonyms` are other words people use.
    `key`: part of the natural key. `choices`: what a template offers to choose from, in Chinese.
    """

    field: str
    zh: str
    en: str
    synonyms: tuple[str, ...]
    parse: Callable[[Any], Any]
    required: bool = False
    example: Any = ""
    meaning_en: str = ""
    meaning_zh: str = ""
    key: bool = False
    holds: Holds = "text"
    choices: tuple[str, ...] = ()
    masked: Callable[[Any], Any] | None = None
    """How a number of a person is shown in findings and in sheets that are handed out; brought in
    as it was shown, it stays what it is. None: as it is."""
    written: Callable[[Any], str] | None = None
    """How a value is written into a sheet that is handed out, where its number alone would not be
    read again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet: vehicles, policies …; `note_*` is said on the second sheet of a template."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    note_zh: str = ""
    note_en: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether it holds numbers of people; such a sheet is not kept once it is applied."""
        return any(column.masked is not None for column in self.columns)

    def shown(self, name: str, value: Any) -> Any:
        """A value as it may be seen; of a field without a column as it is."""
        for column in self.columns:
            if column.field == name and column.masked is not None and value is not None:
                return column.masked(value)
        return value

    def column(self, name: str) -> Column:
        """The column of this field. Raises: KeyError."""
        for column in self.columns:
            if column.field == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Headers:
    """Where the columns stand. Rows count from 1 as Excel does, places (columns) from 0."""

    first_row: int
    first_data_row: int
    places: Mapping[str, int]
    labels: Mapping[str, str]
    """Field → what the sheet itself writes over that column."""
    unknown: tuple[str, ...]
    """Labels that name no column of the kind; those columns are ignored."""
    missing: tuple[str, ...]
    """Fields that are required and have no column."""
    repeated: tuple[str, ...]
    """Labels of further columns that name a field which has a column already; they are ignored."""


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row of a sheet as values by field. A column without a place in the sheet is absent; a blank
    cell is None; a field with a problem is absent."""

    row_no: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RowReport:
    """What an annotated copy says of one row."""

    outcome: Literal["new", "changed", "same", "bad"]
    problems: tuple[Problem, ...] = ()


def is_blank(held: Any) -> bool:
    """Whether nothing, or nothing to be seen, stands in a cell.

    >>> is_blank(None), is_blank("\u3000\u200b"), is_blank(0)
    (True, True, False)
    """
    return held is None or (isinstance(held, str) and not held.strip(_UNSEEN))
