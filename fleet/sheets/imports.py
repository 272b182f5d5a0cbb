"""The shapes of an import: a sheet that was sent, what was found in each row, what became of it.

waiting → checking → checked → applying → applied. From checking and applying it may fail, and from
applying it goes back to checked when what is there has changed so that the rows no longer all fit.
Leaves out what a sheet is (`model.py`) and which kinds there are (`kinds.py`).
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from fleet.sheets.model import Problem

ImportState = Literal["waiting", "checking", "checked", "applying", "applied", "failed"]
ApplyMode = Literal["all_or_nothing", "good_rows"]
Outcome = Literal["new", "changed", "same", "bad"]
UNFINISHED: Final[tuple[ImportState, ...]] = ("waiting", "checking", "applying")


@dataclass(frozen=True, slots=True)
class Import:
    """A sheet that was sent. `rows_total` is None until the last row was read."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    kind: str
    file_name: str
    size_bytes: int
    sha256: bytes
    sheet: str | None
    state: ImportState
    mode: ApplyMode | None
    rows_total: int | None
    rows_done: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_bad: int
    headers: dict[str, Any] | None
    problem: dict[str, Any] | None
    created_by: str | None
    permissions: list[str]
    created_at: datetime
    attempts: int
    finished_at: datetime | None
    version: int


class Claim(NamedTuple):
    """An import that a worker has taken up; `version` stands still while it is the worker's."""

    key: UUID
    organisation_id: int
    version: int
    attempts: int


@dataclass(slots=True)
class RowFound:
    """What a row of a sheet means: its fields as they were understood, and what is to be done.

    `told` holds the fields whose cells are not empty: an empty cell leaves what is there. A warning
    leaves the row good.
    """

    row_no: int
    told: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    key: Hashable | None = None
    key_text: str | None = None
    outcome: Outcome = "bad"
    changes: dict[str, list[Any]] | None = None
    whole: dict[str, Any] | None = None
    """The row as it shall be: what is there with what is told; of a good row that changes."""

    def said(self, key_fields: Iterable[str]) -> dict[str, Any]:
        """What the row is known by, and what it changes or adds."""
        wanted = {*key_fields, *(self.changes or {})}
        return {name: value for name, value in (self.whole or {}).items() if name in wanted}

    def forget(self) -> None:
        """Let go of what it holds; it has been written."""
        self.told, self.whole, self.changes = {}, None, None


@dataclass(slots=True)
class Counts:
    """How many rows came out how."""

    by_outcome: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Iterable[RowFound]) -> None:
        """Count these, too."""
        self.by_outcome.update(row.outcome for row in rows)

    def columns(self) -> dict[str, int]:
        """As the columns of `imports` are called."""
        return {f"rows_{name}": self.by_outcome[name] for name in ("new", "changed", "same", "bad")}


class StoredRow(NamedTuple):
    """A row of an import as it is kept."""

    row_no: int
    outcome: Outcome
    key: str | None
    changes: dict[str, list[Any]] | None
    problems: list[Mapping[str, Any]] | None
