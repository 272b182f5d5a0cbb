"""Idle vehicles and their care over HTTP."""

from datetime import date
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.idle import IdleOut, IdleStage
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.maintenance import service as maintenance
from fleet.maintenance.idle_care import Condition

operations = Operations("maintenance")

EXPORT: Final = Export(
    Words("闲置车辆", "idle care"),
    {
        "idle_since": Words("闲置起", "Idle since"),
        "idle_days": Words("闲置天数", "Idle days"),
        "soc_at": Words("电量时间", "Charge told at"),
        "condition": Words("电池状况", "Condition"),
        "charge_to_pct": Words("补电至（%）", "Charge to (%)"),
        "last_checked_on": Words("上次检查", "Last checked"),
        "next_check_on": Words("下次检查", "Next check"),
        "check_status": Words("检查状态", "Check"),
        "look_at": Words("检查项目", "Look at"),
    },
    {
        "stage": {"in_stock": Words("在库", "in stock"), "for_sale": Words("待售", "for sale")},
        "condition": {
            "critical": Words("严重", "critical"),
            "warn": Words("预警", "warning"),
            "unknown": Words("未知", "unknown"),
            "ok": Words("正常", "ok"),
        },
        "check_status": {
            "overdue": Words("逾期", "overdue"),
            "due": Words("今日到期", "due"),
            "ahead": Words("未到期", "ahead"),
        },
    },
)
"""As a table."""

InCondition = Annotated[Condition | None, Query(description="Whose battery is so.")]
AtStage = Annotated[IdleStage | None, Query(description="In stock, or for sale.")]
OperatedBy = Annotated[
    str | None,
    Query(max_length=63, description="Code of an organisation: who has it is that, or below it."),
]
CheckUntil = Annotated[Day | None, Query(description="To be looked at by this day.")]
IdleFrom = Annotated[Day | None, Query(description="Idle since this day or longer.")]
Search = Annotated[
    str | None,
    Query(min_length=1, max_length=64, description="A part of the VIN, the plate or the model."),
]


@operations.get("/idle-care", exported=EXPORT)
def list_idle_care(
    call: Call,
    condition: InCondition = None,
    stage: AtStage = None,
    organisation: OperatedBy = None,
    check_until_on: CheckUntil = None,
    idle_from_on: IdleFrom = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[IdleOut]:
    """Vehicles that wait in stock or for sale and what is to be done, the most urgent first.

    Critical ones come first, then warnings, those nobody knows of, and the rest; of each, the next
    check first. A check is written down by `POST /vehicles/{vin}/maintenance` with `idle-care`, or
    by an order of kind `idle_care` that is finished.
    """
    given = {
        "condition": condition,
        "stage": stage,
        "organisation": organisation,
        "check_until_on": check_until_on,
        "idle_from_on": idle_from_on,
        "search": q,
    }
    rows = maintenance.list_idle_care(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    place = None if last is None else maintenance.place_of_idle(last)
    return Page[IdleOut](
        items=[IdleOut.of(row) for row in page],
        next=place and cursor_of(place[0], place[1].isoformat(), place[2]),
    )


def _place(after: str | None) -> tuple[str, date, str] | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, str, str)
    if place is None:
        return None
    try:
        return place[0], date.fromisoformat(place[1]), place[2]
    except (TypeError, ValueError):
        raise ApiError(422, "cursor_invalid", field="after") from None
