"""What falls due when, of every vehicle: the list and its counts."""

from datetime import date
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.obligations import ObligationCountsOut, ObligationOut
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.calendar import service as calendar
from fleet.calendar.selection import DueFilter, DueKind, Place
from fleet.calendar.words import TITLES
from fleet.due import DueStatus

operations = Operations("obligations")

EXPORT: Final = Export(
    Words("到期事项", "obligations"),
    {
        "reference": Words("编号", "Which"),
        "title_en": Words("事项（英文）", "What"),
        "title_zh": Words("事项", "What (Chinese)"),
        "status": Words("到期状态", "How it stands"),
        "due_on": Words("到期日", "Last good day"),
        "due_at": Words("到期时间", "Ends at"),
        "window_from_on": Words("可办理日", "May be done from"),
        "overdue_since_on": Words("逾期起始日", "Overdue since"),
        "days_overdue": Words("逾期天数", "Days overdue"),
        "due_odometer_km": Words("到期里程（km）", "Due at (km)"),
        "due_running_hours": Words("到期运行小时", "Due at (h)"),
        "running_hours": Words("运行小时", "Running hours"),
        "blocks_hand_over": Words("不得交车", "Blocks a hand-over"),
        "why_en": Words("原因（英文）", "Why"),
        "why_zh": Words("原因", "Why (Chinese)"),
        "facts": Words("依据", "Facts"),
    },
    {
        "kind": {kind: Words(told.zh, told.en) for kind, told in TITLES.items()},
        "status": {
            "missing": Words("缺失", "missing"),
            "overdue": Words("逾期", "overdue"),
            "due": Words("可办理", "due"),
            "ahead": Words("未到期", "ahead"),
        },
    },
)
"""As a table."""

FromOn = Annotated[
    Day | None,
    Query(description="Due on or after this day.", examples=["2026-12-01"]),
]
UntilOn = Annotated[Day | None, Query(description="Due before this day.", examples=["2027-01-01"])]
Overdue = Annotated[
    bool,
    Query(description="Also what is overdue or missing, whatever days are asked for."),
]
Kinds = Annotated[
    list[DueKind],
    Query(default_factory=list, max_length=12, description="Of these kinds; may be repeated."),
]
Statuses = Annotated[
    list[DueStatus],
    Query(default_factory=list, max_length=4, description="That stand like this; may be repeated."),
]
OperatedBy = Annotated[
    str | None,
    Query(
        max_length=63,
        description="Code of an organisation: vehicles that it, or one below it, operates now.",
        examples=["shenzhen-qianxing"],
    ),
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        description="A part of the VIN, the plate or the model, in any case of letters.",
    ),
]


@operations.get("/obligations", exported=EXPORT)
def list_obligations(
    call: Call,
    kind: Kinds,
    status: Statuses,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    overdue: Overdue = False,
    organisation: OperatedBy = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ObligationOut]:
    """What falls due of the vehicles you have now: what has no day first, then by day.

    A month is `from_on=2026-12-01&until_on=2027-01-01`; with `overdue=true` what is overdue stays
    in sight. Work orders are among it for who may see them.
    """
    items = calendar.list_obligations(
        call.conn,
        call.actor,
        _filter(from_on, until_on, overdue, kind, status, organisation, q),
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(items, limit)
    return Page[ObligationOut](
        items=[ObligationOut.of(item) for item in page], next=last and _cursor(last.row.place)
    )


@operations.get("/obligations/counts")
def count_obligations(
    call: Call,
    kind: Kinds,
    status: Statuses,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    overdue: Overdue = False,
    organisation: OperatedBy = None,
    q: Search = None,
) -> ObligationCountsOut:
    """How many of what the list with the same filters shows, by kind and by how they stand."""
    wanted = _filter(from_on, until_on, overdue, kind, status, organisation, q)
    return ObligationCountsOut.of(
        calendar.count_obligations(call.conn, call.actor, wanted, now=call.now)
    )


def _filter(
    from_on: date | None,
    until_on: date | None,
    overdue: bool,
    kind: list[DueKind],
    status: list[DueStatus],
    organisation: str | None,
    q: str | None,
) -> DueFilter:
    return DueFilter(from_on, until_on, overdue, tuple(kind), tuple(status), organisation, q)


def _cursor(place: Place) -> str:
    day = None if place.due_on is None else place.due_on.isoformat()
    return cursor_of(day, place.vehicle_id, place.kind, place.reference)


def _place(after: str | None) -> Place | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, int, str, str)
    if place is None:
        return None
    day, *item = place
    try:
        due_on = None if day is None else date.fromisoformat(day)
    except ValueError:
        raise ApiError(422, "cursor_invalid", field="after") from None
    if None in item:
        raise ApiError(422, "cursor_invalid", field="after")
    return Place(due_on, *item)
