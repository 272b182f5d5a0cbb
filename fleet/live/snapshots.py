"""Decides what is new since a moment of the database: the arithmetic of snapshots.

A position is a snapshot of the transactions that had ended: `xmin:xmax:running`, as PostgreSQL
writes it. A row is new if the transaction that wrote it had not ended then. That holds whatever the
order in which writers commit, needs no column, no queue and no memory of ours, and so works for a
reader who comes back to another process.

A row tells only the lower 32 bits of its transaction. It is one that has ended, so it lies below
the present xmax and is taken for the youngest that fits. Only a row untouched for 4 billion
transactions is taken wrongly, as new: it is told once more, and nothing is lost.

Positions of another database cluster, or of a time line left behind by a restore or a fail-over,
mean nothing here; the lineage tells them apart.

Two limits. The numbers of subtransactions stand in no snapshot: whoever writes `vehicle_state`
does so outside of savepoints (a test holds that ingest does). And a standby has no such snapshots,
so the feed reads the primary.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from fleet.live.errors import EventIdInvalid

XIDS: Final = 1 << 32
"""How many transactions the 32 bits on a row tell apart."""
MAX_TEXT: Final = 16_000
"""Characters of an event id: room for a thousand transactions running at once."""
_TEXT: Final = re.compile(
    r"(?P<lineage>[0-9a-f]{1,16}-[0-9a-f]{1,8})"
    r":(?P<xmin>[0-9]{1,18}):(?P<xmax>[0-9]{1,18}):(?P<running>(?:[0-9]{1,18}(?:,[0-9]{1,18})*)?)"
)


@dataclass(frozen=True, slots=True)
class Position:
    """A moment of a database: which transactions had ended.

    All below `xmin` had, none from `xmax` on, and of those between all but the `running`.
    """

    lineage: str
    xmin: int
    xmax: int
    running: tuple[int, ...]

    def __str__(self) -> str:
        running = ",".join(map(str, self.running))
        return f"{self.lineage}:{self.xmin}:{self.xmax}:{running}"

    def has_seen(self, xid: int) -> bool:
        """Whether the transaction had ended."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows are new, as arithmetic on the 32 bits they carry.

    A row's distance is `(changed_in - origin) mod 2³²`. It is new if the distance is below `span`
    and either at least `seen_below` or one of `running`.
    """

    origin: int
    span: int
    seen_below: int
    running: list[int]


EVERYTHING: Final = Window(origin=0, span=XIDS, seen_below=0, running=[])


def parse_position(text: str) -> Position:
    """The position an event id names.

    >>> str(parse_position("6b02-1:10:20:11,15"))
    '6b02-1:10:20:11,15'

    Raises:
        EventIdInvalid: it is no event id.
    """
    found = _TEXT.fullmatch(text) if len(text) <= MAX_TEXT else None
    if found is not None:
        running = tuple(int(each) for each in found["running"].split(",") if each)
        xmin, xmax = int(found["xmin"]), int(found["xmax"])
        if 0 < xmin <= xmax and all(xmin <= each < xmax for each in running):
            return Position(found["lineage"], xmin, xmax, running)
    raise EventIdInvalid("not an event id of this feed")


def full_xid(changed_in: int, now: Position) -> int:
    """The transaction a visible row was written by, of which it tells the lower 32 bits.

    >>> full_xid(4_294_967_290, Position("6b02-1", XIDS + 5, XIDS + 5, ()))
    4294967290
    >>> full_xid(4, Position("6b02-1", XIDS + 5, XIDS + 5, ()))
    4294967300
    """
    youngest = now.xmax - 1
    return youngest - (youngest - changed_in) % XIDS


def can_resume(since: Position, now: Position) -> bool:
    """Whether what is new since then can be told."""
    same = since.lineage == now.lineage
    return same and since.xmax <= now.xmax and now.xmax - since.xmin < XIDS


def earliest(positions: Collection[Position]) -> Position:
    """The position to which all is new that is new to any of these, and nothing else.

    They are of one lineage, and at least one.
    """
    running = {each for position in positions for each in position.running}
    xmax = min(position.xmax for position in positions)
    return Position(
        next(iter(positions)).lineage,
        min(position.xmin for position in positions),
        xmax,
        tuple(sorted(each for each in running if each < xmax)),
    )


def window(since: Position, now: Position) -> Window:
    """Which rows visible now were not visible then. `since` can be resumed from."""
    return Window(
        origin=since.xmin % XIDS,
        span=now.xmax - since.xmin,
        seen_below=since.xmax - since.xmin,
        running=[each - since.xmin for each in since.running],
    )
