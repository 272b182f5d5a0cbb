"""What a sheet asks with, and what answers it: one `Source` a kind of sheet.

Stands apart so that sources can stand in files of their own; decides nothing.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.bulk.errors import SealingKeyMissing
from fleet.local_days import local_day
from fleet.row_problems import RowProblem
from kit.sealed import SealingKey
from schemas.access import Actor

Row = Mapping[str, Any]
Known = dict[Any, dict[str, Any]]
"""What is there, by what a row is known by."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and about which rows.

    `rows` hold what they change or add and what they are known by; `whole`, in the same order, all
    that they shall be; `known`, what is there.
    """

    conn: Connection[Any]
    actor: Actor
    now: datetime
    rows: Sequence[Row] = ()
    whole: Sequence[Row] = ()
    known: Known = field(default_factory=dict)
    key: SealingKey | None = None
    """With which numbers of people are sealed and read."""

    @property
    def today(self) -> date:
        """The day it is."""
        return local_day(self.now)

    @property
    def sealing_key(self) -> SealingKey:
        """The key.

        Raises:
            SealingKeyMissing: this process was given none.
        """
        if self.key is None:
            raise SealingKeyMissing("GUANCHE_SECRET_KEY is not set: numbers cannot be sealed")
        return self.key


@dataclass(frozen=True, slots=True)
class Source:
    """How the rows of one kind of sheet are read and written."""

    known: Callable[[Asked, Sequence[Any]], Known]
    """What is in sight of these keys; of nothing there is none."""
    check: Callable[[Asked], list[list[RowProblem]]]
    """What stands against each row, in their order."""
    save: Callable[[Asked], None]
    keys: Callable[[Connection[Any], str], Sequence[Hashable]]
    """What there is to write into a sheet of an organisation of this code, in order."""
    normalised: Callable[[Row], dict[str, Any]] = dict
    """A row as the sheet tells it, its texts as they are kept."""
