"""Changes of states and alerts as they happen, as server-sent events.

The one asynchronous endpoint: a stream that waits holds no thread and no connection.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Header, Query, Request
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from alerts.inbox.sight import kinds_of
from api.deps import NOBODY, AppState, Call, authenticate, open_call
from api.document import problems_of
from api.errors import ApiError
from api.live import EventStream, hub_of
from api.live_events import Farewell
from api.live_reader import Recheck
from api.models.live import EVENT_ID, LiveEvent
from api.operation import Operations, check_query
from fleet.live import service as live
from fleet.live.model import Arrival, Sight
from fleet.live.snapshots import MAX_TEXT, parse_position
from schemas.access import PermissionMissing

operations = Operations("live")

EVENT_SCHEMA: Final = {"$ref": "#/components/schemas/LiveEvent"}
"""As OpenAPI 3.2 tells what a stream is made of; 3.1 takes it as an extension only."""

EXAMPLE: Final = f"""retry: 2000
event: hello
id: {EVENT_ID}
data: {{"heartbeat_s":15.0,"resumed":false}}

event: states
id: {EVENT_ID}
data: [{{"vin":"LSGPC52U6AF102554","plate":"粤BD12345","online":true,"soc_pct":63.5}}]

"""


@operations.router.get(
    "/live",
    operation_id="follow_live",
    status_code=200,
    summary="Follow the state changes of your vehicles",
    response_class=EventStream,
    response_model=LiveEvent,
    responses={
        **problems_of("GET", public=False),
        200: {
            "description": "A stream of events, each a LiveEvent, that ends when you leave.",
            "content": {"text/event-stream": {"example": EXAMPLE, "x-itemSchema": EVENT_SCHEMA}},
        },
    },
)
async def follow_live(
    request: Request,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=MAX_TEXT,
            description="The last `id` you got, from whichever process; the browser sends it by"
            " itself. You are told what has changed since, each vehicle once.",
        ),
    ] = None,
    snapshot: Annotated[
        bool, Query(description="First tell all states, where there is nothing to resume.")
    ] = False,
) -> EventStream:
    """Follow the state changes of your vehicles (server-sent events).

    * `hello`: the stream has begun.
    * `states`: an array of states that changed; several changes of a vehicle become its latest.
    * `alerts`: an array of alerts that changed, each as it stands now; with `alert.read`, and of
      the kinds you may see. They are told from the beginning of the stream on, or after your
      Last-Event-ID; which are unresolved before is told by `GET /alerts`.
    * `beat`: nothing changed for `heartbeat_s`. Its `id` moves on.
    * `reset`: your Last-Event-ID means nothing here, or is of too long ago; fetch all states and
      alerts anew, or ask with `snapshot`.
    * `dropped`: you read too slowly. Come back with Last-Event-ID.
    * `goodbye`: we end the stream, and why.

    Nothing that was committed is lost, whichever process you come back to. A state may be told
    twice. A vehicle that is handed to another organisation falls silent. Needs `vehicle.read`;
    exact places need `location.read`.
    """
    check_query(request, {"snapshot": False})
    since = parse_position(last_event_id) if last_event_id else None
    hub = hub_of(request.app)
    hub.check_room()
    actor_name, sight, alert_kinds = await run_in_threadpool(open_feed, request)
    arrival = Arrival(sight, since, everything=snapshot)
    reader = hub.join(actor_name, arrival, rechecking(request, sight, alert_kinds), alert_kinds)
    return EventStream(hub, reader)


def open_feed(request: Request) -> tuple[str, Sight, frozenset[str]]:
    """Who asks, what they may see, and of which kinds of alerts they are told.

    Raises:
        ApiError: 401, no credential that holds.
        PermissionMissing: they may not.
    """
    state: AppState = request.app.state.guanche
    with state.pool.connection() as conn:
        call = open_call(conn, request, public=False)
        sight = live.open_feed(conn, call.actor, now=call.now)
        return call.actor.name, sight, kinds_of(call.actor.permissions)


def rechecking(request: Request, sight: Sight, alert_kinds: frozenset[str]) -> Recheck:
    """Asks for the request's credential again, and whether it still opens the same."""
    state: AppState = request.app.state.guanche

    def recheck(conn: Connection[Any], now: datetime) -> Farewell | None:
        call = Call(request, state, conn, now, NOBODY)
        try:
            authenticate(call)
            now_sees = live.sight_of(call.actor), kinds_of(call.actor.permissions)
        except (ApiError, PermissionMissing):
            return "session_ended"
        return None if now_sees == (sight, alert_kinds) else "rights_changed"

    return recheck
