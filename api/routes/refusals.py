"""What was refused of what came in: reading only. Replaying is `guanche rejects`."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Path, Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.refusals import RefusalDetail, RefusalOut
from api.models.text import Instant
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.usage import service as usage
from schemas.telemetry import Reason

operations = Operations("refusals")

EXPORT: Final = Export(
    Words("拒收报文", "refusals"),
    {
        "id": Words("编号", "No"),
        "detail": Words("说明", "Why, in words"),
        "topic": Words("主题", "Topic"),
        "raw_bytes": Words("长度（字节）", "Length (bytes)"),
        "times": Words("次数", "Times"),
        "received_at": Words("首次收到", "First received"),
        "last_received_at": Words("最近收到", "Last received"),
        "replayed_at": Words("重放时间", "Replayed at"),
    },
)
"""As a table."""

ForReason = Annotated[Reason | None, Query(description="Why it was refused.")]
Device = Annotated[str | None, Query(max_length=64, description="Serial of the terminal.")]
FromAt = Annotated[Instant | None, Query(description="Last received at or after this.")]
UntilAt = Annotated[Instant | None, Query(description="Last received before this.")]
RefusalId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the refusal.")]


@operations.get("/refusals", exported=EXPORT)
def list_refusals(
    call: Call,
    reason: ForReason = None,
    device: Device = None,
    from_at: FromAt = None,
    until_at: UntilAt = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[RefusalOut]:
    """What your terminals sent and was not accepted, the last received first.

    The same bytes refused again for the same reason count in `times`, and come to the front.
    """
    given = {
        "reason": reason,
        "device_serial": device,
        "from_at": from_at,
        "until_at": until_at,
    }
    rows = usage.list_refusals(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_place(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[RefusalOut](
        items=[RefusalOut.of(row) for row in page],
        next=last and cursor_of(last.last_received_at, last.id),
    )


@operations.get("/refusals/{refusal_id}")
def get_refusal(call: Call, refusal_id: RefusalId) -> RefusalDetail:
    """One refusal with its bytes as they came."""
    found = usage.get_refusal(call.conn, call.actor, refusal_id=refusal_id, now=call.now)
    return RefusalDetail.of_message(found)


def _place(after: str | None) -> tuple[datetime, int] | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, datetime, int)
    if place is None:
        return None
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return place[0], place[1]
