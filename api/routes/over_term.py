"""Vehicles about to come back, and those that are used after the last day of their lease."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.over_term import AfterExpiryOut, EndingOut
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.leases import KINDS, LABELS, STATES
from fleet.leasing.over_term import service
from fleet.leasing.over_term.service import Place
from fleet.leasing.terms import LeaseKind
from fleet.registry.vin import normalise_vin

operations = Operations("leases")

WORDS: Final = {"kind": KINDS, "state": STATES}
ENDING: Final = Export(
    Words("临近到期", "about to end"),
    LABELS | {"last_on": Words("届满日", "Last day"), "days_left": Words("剩余天数", "Days left")},
    WORDS,
)
OVER: Final = Export(
    Words("到期后继续使用", "used after expiry"),
    LABELS
    | {
        "last_on": Words("届满日", "Last day"),
        "driven_km": Words("届满后行驶（km）", "Driven since (km)"),
        "used": Words("仍在使用", "Used since"),
        "odometer_then_km": Words("届满时里程（km）", "Odometer then (km)"),
        "odometer_then_at": Words("届满时里程读取时间", "Read at"),
        "odometer_now_km": Words("当前里程（km）", "Odometer now (km)"),
        "moving": Words("正在行驶", "Moving"),
        "last_moved_at": Words("最近行驶时间", "Last moved at"),
        "last_heard_at": Words("最近通信时间", "Last heard"),
        "rule": Words("依据", "Rule"),
    },
    WORDS,
)

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfKind = Annotated[LeaseKind | None, Query(description="Of this kind.")]
Within = Annotated[
    int | None,
    Query(ge=0, le=366, description="At most so many days ahead [the figure `lease.ending`]."),
]


@operations.get("/leases/about-to-end", exported=ENDING)
def list_ending_leases(
    call: Call,
    within_days: Within = None,
    organisation: OfOrganisation = None,
    customer: OfCustomer = None,
    vin: OfVehicle = None,
    kind: OfKind = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[EndingOut]:
    """Vehicles out whose last day is near, the first to end first."""
    rows = service.list_ending(
        call.conn,
        call.actor,
        _filters(organisation, customer, vin, kind),
        within_days=within_days,
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[EndingOut](
        items=[EndingOut.of(each) for each in page], next=last and _cursor(last.place)
    )


@operations.get("/leases/after-expiry", exported=OVER)
def list_leases_after_expiry(
    call: Call,
    organisation: OfOrganisation = None,
    customer: OfCustomer = None,
    vin: OfVehicle = None,
    kind: OfKind = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AfterExpiryOut]:
    """Vehicles out after the last day of their lease, the longest first, and whether they are used.

    Who goes on using the vehicle without objection has it open-ended (民法典 §734): object, agree
    on more, or take it back. A lease of several vehicles is told for each of them.
    """
    rows = service.list_after_expiry(
        call.conn,
        call.actor,
        _filters(organisation, customer, vin, kind),
        after=_place(after),
        limit=limit + 1,
        now=call.now,
        offline_after=timedelta(seconds=call.settings.offline_after_s),
    )
    page, last = split_page(rows, limit)
    return Page[AfterExpiryOut](
        items=[AfterExpiryOut.of(each) for each in page], next=last and _cursor(last.out.place)
    )


def _filters(
    organisation: str | None, customer: str | None, vin: str | None, kind: str | None
) -> dict[str, Any]:
    given = {
        "organisation": organisation,
        "customer": customer,
        "vin": None if vin is None else normalise_vin(vin),
        "kind": kind,
    }
    return {name: wanted for name, wanted in given.items() if wanted is not None}


def _cursor(place: Place) -> str:
    return cursor_of(place.last_on.isoformat(), place.lease_no, place.line_no)


def _place(after: str | None) -> Place | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, str, int)
    if place is None:
        return None
    try:
        return Place(date.fromisoformat(place[0]), str(place[1]), int(place[2]))
    except (TypeError, ValueError):
        raise ApiError(422, "cursor_invalid", field="after") from None
