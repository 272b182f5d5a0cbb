"""Inspections over HTTP."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.inspections import InspectionIn, InspectionOut
from api.models.text import Day, VinPath
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.compliance import service as compliance

operations = Operations("papers")

EXPORT: Final = Export(
    Words("年审记录", "inspections"),
    {
        "form": Words("检验方式", "Way"),
        "inspected_on": Words("检验日期", "Inspected on"),
        "passed": Words("是否合格", "Passed"),
        "valid_to": Words("检验有效期至", "Valid to"),
        "place": Words("检验机构", "Place"),
        "report_no": Words("报告编号", "Report no."),
        "note": Words("备注", "Note"),
    },
    {
        "form": {
            "printed": Words("行驶证记载", "read off the licence"),
            "line": Words("上线检验", "on the line"),
            "sticker": Words("免上线申领标志", "mark only"),
        }
    },
)
"""As a table."""

OfVehicle = Annotated[str | None, Query(max_length=40, description="Of the vehicle with this VIN.")]
HadBy = Annotated[
    str | None,
    Query(
        max_length=63,
        description="Code of an organisation: of vehicles that it, or one below it, has now.",
        examples=["shenzhen-nanshan"],
    ),
]
FromOn = Annotated[Day | None, Query(description="Inspected on or after this day.")]
UntilOn = Annotated[Day | None, Query(description="Inspected before this day.")]
Passed = Annotated[bool | None, Query(description="Only those passed, or only those not.")]


def given(**filters: Any) -> dict[str, Any]:
    """The filters that were asked for."""
    return {name: wanted for name, wanted in filters.items() if wanted is not None}


@operations.get("/inspections", exported=EXPORT)
def list_inspections(
    call: Call,
    vin: OfVehicle = None,
    organisation: HadBy = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    passed: Passed = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[InspectionOut]:
    """Inspections, the latest first."""
    rows = compliance.list_inspections(
        call.conn,
        call.actor,
        given(
            vin=vin, organisation=organisation, from_on=from_on, until_on=until_on, passed=passed
        ),
        after=_place(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[InspectionOut](
        items=[InspectionOut.of(row) for row in page],
        next=last and cursor_of(last.paper.inspected_on.isoformat(), last.id),
    )


@operations.post("/vehicles/{vin}/inspections", status=201, idempotent="paper.record")
def record_inspection(call: Call, vin: VinPath, body: InspectionIn) -> InspectionOut:
    """Write down an inspection, or what the licence says.

    It takes the place of the one of the same day and form; so a slip is corrected.
    """
    recorded = compliance.record_inspection(
        call.conn,
        call.actor,
        vin=vin,
        inspection=body.inspection(),
        cost_fen=body.cost_fen,
        now=call.now,
    )
    return InspectionOut.of(recorded)


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
