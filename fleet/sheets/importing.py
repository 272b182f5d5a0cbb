"""What there is to say of a kind of sheet before its rows can be brought in.

Beside its columns (`model.py`): by what a row is known again, which of its fields name other
things, which ones a sheet may not change, and what one must be allowed. A further kind (customers,
leases) is one more of these in `kinds.py`, with its reading and writing in `service.py`.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.sheets.errors import ImportColumnsMissing
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Column, Kind, Problem

Told = Mapping[str, Any]
Check = Callable[[Told], Problem | None]
Completion = Callable[[dict[str, Any]], None]
Together = Callable[[Sequence[RowFound]], None]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of sheet that can be brought in."""

    kind: Kind
    key_fields: tuple[str, ...]
    """What a row is known by, in this order."""
    may_add: str
    may_change: str
    """The permissions without which a row is bad."""
    checks: tuple[Check, ...] = ()
    """What must hold between the fields of one row."""
    assumed: Mapping[str, Any] = field(default_factory=dict)
    """What a field holds where the sheet says nothing of it."""
    completed: Completion | None = None
    """Puts into the row as it shall be what follows from its other fields."""
    distinct: tuple[str, ...] = ()
    """Fields that no two rows of a sheet hold alike, beside what they are known by."""
    needed_when_new: tuple[str, ...] = ()
    kept: Mapping[str, Problem] = field(default_factory=dict)
    """Fields that a sheet sets once: another value for what is there already is this problem."""
    restricted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that are left out for whoever lacks one of these permissions."""
    organisations: tuple[str, ...] = ()
    """Fields that name an organisation, by code or name."""
    models: tuple[str, ...] = ()
    """Fields that name a model, by code or name."""
    of_sender: tuple[str, ...] = ()
    """Fields that name the organisation of whoever sends the sheet, where a new row is silent."""
    names_vehicle: bool = False
    """Rows are about a vehicle named by VIN or plate that is there already."""
    customers: tuple[str, ...] = ()
    """Fields that name a customer, by its number here or elsewhere, or by its ID number."""
    is_customer: bool = False
    """Rows are about customers, known by one of these numbers."""
    keyed: Callable[[Told], Hashable | None] | None = None
    """What a row is known by, where that is not simply its key fields."""
    shown_key: Callable[[Hashable], str] | None = None
    """What a row is known by as it may be seen."""
    grouped_by: str | None = None
    """Rows that hold the same in this field are one thing: all of them are good, or none."""
    together: tuple[Together, ...] = ()
    """What must hold between the rows of a whole sheet; writes problems into them."""

    @property
    def name(self) -> str:
        return self.kind.name

    def key_of(self, told: Told) -> Hashable | None:
        """What the row is known by: a value, or a tuple of them; None while a part is missing."""
        if self.keyed is not None:
            return self.keyed(told)
        parts = tuple(told.get(name) for name in self.key_fields)
        if None in parts:
            return None
        return parts[0] if len(parts) == 1 else parts

    def key_text(self, key: Hashable) -> str:
        """What a row is known by, to read."""
        return key_text(key) if self.shown_key is None else self.shown_key(key)

    def barred(self, may: Callable[[str], bool]) -> frozenset[str]:
        """The restricted fields that somebody who `may` so much must leave out."""
        return frozenset(
            name for name, needed in self.restricted.items() if not all(map(may, needed))
        )


def key_text(key: Hashable) -> str:
    """What a row is known by, to read.

    >>> key_text(("LSGPC52U6AF102554", "line"))
    'LSGPC52U6AF102554 line'
    """
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def words_of(column: Column) -> dict[str, str]:
    """What the choices of a column are called in a sheet, by what they stand for."""
    return {column.parse(word): word for word in column.choices}


def columns_missing(kind: ImportKind, fields: Iterable[str]) -> ImportColumnsMissing:
    """The refusal of a sheet that lacks these columns."""
    columns = [kind.kind.column(name) for name in fields]
    return ImportColumnsMissing(
        f"the sheet has no column {', '.join(column.en for column in columns)}",
        f"表格缺少必需的列：{'、'.join(column.zh for column in columns)}",
        missing=[column.zh for column in columns],
    )
