"""One vehicle as a whole: its page, its stage, its costs."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.assets import CostOut, CostsPage, SpendingOut, StageChange, VehicleWholeOut
from api.models.registry import StageOut
from api.models.text import Day, VinPath
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, cursor_of, place_of, split_page
from fleet.assets import service as assets

operations = Operations("vehicles")

COST_KINDS: Final = {
    "inspection": Words("年检", "inspection"),
    "insurance": Words("保险", "insurance"),
    "permit": Words("营运证", "permit"),
    "battery_test": Words("电池检测", "battery test"),
    "repair": Words("维修", "repair"),
    "maintenance": Words("保养", "maintenance"),
    "care": Words("闲置养护", "care"),
    "accident": Words("事故", "accident"),
    "other": Words("其他", "other"),
}
EXPORT: Final = Export(
    Words("车辆成本", "costs"),
    {
        "amount_fen": Words("金额", "Amount"),
        "incurred_on": Words("发生日", "Spent on"),
        "subject_kind": Words("凭证类型", "By what"),
        "subject_key": Words("凭证编号", "Its number"),
    },
    {"kind": COST_KINDS},
)
"""As a table."""

FromOn = Annotated[Day | None, Query(description="Spent on or after this day [a year ago].")]
UntilOn = Annotated[Day | None, Query(description="Spent before this day [tomorrow].")]


@operations.get("/vehicles/{vin}/page")
def get_vehicle_page(call: Call, vin: VinPath) -> Answer[VehicleWholeOut]:
    """All of one vehicle: what it is, how it is, its papers and what falls due, work, costs.

    The ETag is what changing its card asks for.
    """
    whole = assets.vehicle_page(
        call.conn,
        call.actor,
        vin=vin,
        now=call.now,
        offline_after=timedelta(seconds=call.settings.offline_after_s),
    )
    return Answer(VehicleWholeOut.of(whole), version=whole.card.version)


@operations.post("/vehicles/{vin}/stage", idempotent="vehicle.change_stage")
def change_vehicle_stage(call: Call, vin: VinPath, body: StageChange) -> StageOut:
    """Move a vehicle on in its life. To `let` only with its papers in order.

    What forbids it stands in `facts.blocks` of the problem `hand_over_blocked`. `override` asks for
    a step-up.
    """
    stage = assets.change_stage(
        call.conn,
        call.actor,
        vin=vin,
        stage=body.stage,
        reason=body.reason,
        override=body.override,
        at=body.at,
        now=call.now,
    )
    return StageOut.of(stage)


@operations.get("/vehicles/{vin}/costs", exported=EXPORT)
def list_vehicle_costs(
    call: Call,
    vin: VinPath,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> CostsPage:
    """What was spent on a vehicle, as far as it is yours to see; the latest first."""
    rows, spent = assets.list_vehicle_costs(
        call.conn,
        call.actor,
        vin=vin,
        from_on=from_on,
        until_on=until_on,
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return CostsPage(
        items=[CostOut.of(cost) for cost in page],
        next=last and cursor_of(last.incurred_on.isoformat(), last.id),
        spent=SpendingOut.of(spent),
    )


def _place(after: str | None) -> tuple[date, int] | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, int)
    if place is None:
        return None
    try:
        if None in place:
            raise ValueError
        return date.fromisoformat(place[0]), place[1]
    except ValueError:
        raise ApiError(422, "cursor_invalid", field="after") from None
