"""Decides which vehicles in stock a list is of, and what stands against handing one over.

A vehicle can be let while it has what it needs (compulsory insurance; inspection, where the figures
of law forbid a hand-over without) and nothing that blocks is overdue or missing: what is not on
record counts as missing. Work that keeps it off the road counts, too, and a lease that is promised
it now. This reads what falls due as it is kept; at the hand-over itself it is decided from the
papers (`fleet/clearance`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, get_args

from fleet.due import DueStatus

Order = Literal["vin", "since"]
IdleStage = Literal["in_stock", "for_sale"]
BlockingKind = Literal[
    "inspection", "compulsory", "permit", "service_life", "scrap_risk", "work_order", "lease"
]

_KINDS: Final[tuple[BlockingKind, ...]] = get_args(BlockingKind)
BLOCKING: Final[tuple[BlockingKind, ...]] = ("compulsory", "permit", "service_life", "scrap_risk")
"""Obligations that forbid a hand-over; `inspection` where the figures of law say so."""
NEEDED: Final[tuple[BlockingKind, ...]] = ("compulsory",)
"""Of these, those every vehicle has to have; `inspection` likewise."""


class Place(NamedTuple):
    """A place in a list: after the vehicle at its stage since then, with this VIN."""

    since_at: datetime
    vin: str


class Want(NamedTuple):
    """What stands against handing a vehicle over."""

    kind: BlockingKind
    status: DueStatus


@dataclass(frozen=True, slots=True)
class StockFilter:
    """Which vehicles in stock; None is all.

    `sellable`: nothing stands, or something stands, against handing it over. `papers_through_on`:
    its papers last until that day at least. `organisation_code` is that of the present operator, or
    of one above it. `search` is a part of the VIN, the plate or the model.
    """

    stages: tuple[IdleStage, ...]
    sellable: bool | None = None
    papers_through_on: date | None = None
    soc_min_pct: float | None = None
    model_code: str | None = None
    organisation_code: str | None = None
    depot_code: str | None = None
    search: str | None = None


def blocking_kinds(*, inspection_blocks: bool) -> list[BlockingKind]:
    """The kinds that forbid a hand-over."""
    return [*(("inspection",) if inspection_blocks else ()), *BLOCKING]


def needed_kinds(*, inspection_blocks: bool) -> list[BlockingKind]:
    """The kinds every vehicle has to have."""
    return [*(("inspection",) if inspection_blocks else ()), *NEEDED]


def wants_of(
    *,
    lapsed: Sequence[BlockingKind],
    unrecorded: Sequence[BlockingKind],
    on_record: Collection[BlockingKind],
    needed: Sequence[BlockingKind],
    off_the_road: bool,
    promised: bool = False,
) -> tuple[Want, ...]:
    """What stands against handing a vehicle over, from what is kept of it.

    >>> wants_of(lapsed=["inspection"], unrecorded=[], on_record={"inspection"},
    ...     needed=["inspection", "compulsory"], off_the_road=False)
    (Want(kind='inspection', status='overdue'), Want(kind='compulsory', status='missing'))
    """
    unheard_of = [kind for kind in needed if kind not in on_record]
    wants = [
        *(Want(kind, "overdue") for kind in lapsed),
        *(Want(kind, "missing") for kind in (*unrecorded, *unheard_of)),
        *((Want("work_order", "due"),) if off_the_road else ()),
        *((Want("lease", "due"),) if promised else ()),
    ]
    return tuple(sorted(wants, key=lambda want: _KINDS.index(want.kind)))
