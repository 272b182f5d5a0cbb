"""A reader's queue, the words of the live feed, and the rules of its hub, without a network."""

import asyncio
import json
import re
from collections.abc import Coroutine
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import Connection
from psycopg_pool import ConnectionPool

from api.errors import ApiError
from api.live import Hub
from api.live_events import (
    RETRY_MS,
    RETRY_SPREAD_MS,
    STATES_AN_EVENT,
    Batch,
    Wording,
    goodbye,
)
from api.live_poller import Delivery
from api.live_reader import LiveLimits, Reader
from api.metrics import ApiMetrics
from api.models.live import LiveState as DocumentedState
from api.routes import live as routes
from fleet.live.model import Arrival, Change, LiveState, Sight

SIGHT = Sight(7, exact=True)
NEWCOMER = Arrival(SIGHT, None, everything=False)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


class NoDatabase:
    """Stands in for the pool while the database is away."""

    def connection(self) -> None:
        raise psycopg.OperationalError("away")

    def check(self) -> None:
        raise psycopg.OperationalError("away")


NO_POOL = cast(ConnectionPool[Connection[Any]], NoDatabase())


def still_good(conn: Connection[Any], now: datetime) -> None:
    """The credential holds."""


def vehicle(number: int) -> Change:
    known = {field.name: None for field in fields(LiveState)} | {"online": True, "lat": 22.543096}
    return Change(1, [7], LiveState(**{**known, "vin": f"V{number}"}))


def batch(*events: str) -> Batch:
    return Batch(tuple(event.encode() for event in events))


def told(event: bytes) -> tuple[str, str | None, Any]:
    """Name, id and data of one event."""
    read = dict(line.split(": ", 1) for line in event.decode().splitlines() if line)
    return read["event"], read.get("id"), json.loads(read["data"])


def reading(limits: LiveLimits) -> Reader:
    return Reader("ops", NEWCOMER, still_good, limits)


async def rest(reader: Reader) -> list[bytes]:
    return [event async for event in reader.events(lambda _: b"beat")]


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


# Words


def test_many_states_are_several_events_and_the_last_has_the_id() -> None:
    changes = [vehicle(number) for number in range(2 * STATES_AN_EVENT + 1)]
    events = [told(event) for event in Wording().states(changes, "1-1:3:3:", exact=True)]
    assert [(name, event_id, len(states)) for name, event_id, states in events] == [
        ("states", None, STATES_AN_EVENT),
        ("states", None, STATES_AN_EVENT),
        ("states", "1-1:3:3:", 1),
    ]
    vins = [state["vin"] for _, _, states in events for state in states]
    assert vins == [change.state.vin for change in changes]


def test_no_states_are_no_event() -> None:
    assert Wording().states([], "1-1:3:3:", exact=True) == ()


def test_a_state_is_written_once_for_all() -> None:
    wording = Wording()
    exact, rough = (wording.of(vehicle(1).state, exact=each) for each in (True, False))
    assert wording.of(vehicle(1).state, exact=True) is exact
    assert [json.loads(text)["lat"] for text in (exact, rough)] == [22.543096, 22.54]


def test_the_document_tells_what_is_sent() -> None:
    sent = json.loads(Wording().of(vehicle(1).state, exact=True))
    assert list(sent) == list(DocumentedState.model_fields)
    assert DocumentedState.model_validate(sent).vin == "V1"


def test_the_document_tells_of_every_event() -> None:
    app = FastAPI()
    app.include_router(routes.operations.router)
    document = app.openapi()
    operation = document["paths"]["/api/v1/live"]["get"]
    answer = operation["responses"]["200"]["content"]["text/event-stream"]
    assert answer["schema"] == {"type": "string"}
    assert answer["x-itemSchema"] == {"$ref": "#/components/schemas/LiveEvent"}
    kinds = document["components"]["schemas"]["LiveEvent"]["anyOf"]
    names = {kind["$ref"].rpartition("/")[2].removesuffix("Event").lower() for kind in kinds}
    assert names == {"hello", "reset", "states", "alerts", "beat", "dropped", "goodbye"}
    assert all(f"`{name}`" in operation["description"] for name in names)


def test_who_is_sent_away_comes_back_in_their_own_time() -> None:
    waits = [int(re.findall(rb"retry: (\d+)", goodbye("shutting_down"))[0]) for _ in range(200)]
    assert all(RETRY_MS <= wait < RETRY_MS + RETRY_SPREAD_MS for wait in waits)
    assert len(set(waits)) > 100


# A reader


def test_what_waits_is_read_in_order_and_the_end_is_last() -> None:
    async def test() -> None:
        reader = reading(LiveLimits())
        assert reader.offer(batch("a", "b"))
        assert reader.offer(batch("c"))
        events = reader.events(lambda _: b"beat")
        assert [await anext(events) for _ in range(3)] == [b"a", b"b", b"c"]
        reader.finish(b"end")
        assert [event async for event in events] == [b"end"]

    run(test())


def test_the_end_comes_before_what_waits() -> None:
    async def test() -> None:
        reader = reading(LiveLimits())
        reader.offer(batch("a", "b"))
        reader.offer(batch("c"))
        events = reader.events(lambda _: b"beat")
        assert await anext(events) == b"a"
        reader.finish(b"end")
        reader.finish(b"another end")
        assert reader.offer(batch("d")), "nobody is dropped who has ended"
        assert [event async for event in events] == [b"end"]

    run(test())


def test_silence_is_a_beat() -> None:
    async def test() -> None:
        reader = reading(LiveLimits(heartbeat_s=0.01))
        events = reader.events(lambda _: b"beat")
        assert [await anext(events) for _ in range(2)] == [b"beat", b"beat"]
        await events.aclose()

    run(test())


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        pytest.param([10] * 5, [True, True, True, False, False], id="too many batches"),
        pytest.param([60, 30, 20], [True, True, False], id="too many bytes"),
        pytest.param([1_000, 1], [True, False], id="a large one may wait alone"),
    ],
)
def test_how_much_may_wait(sizes: list[int], taken: list[bool]) -> None:
    async def test() -> None:
        reader = reading(LiveLimits(waiting_batches=3, waiting_bytes=100))
        assert [reader.offer(batch("x" * size)) for size in sizes] == taken

    run(test())


def test_what_was_read_makes_room() -> None:
    async def test() -> None:
        reader = reading(LiveLimits(waiting_batches=2, waiting_bytes=100))
        events = reader.events(lambda _: b"beat")
        for size in (1_000, 90, 90, 90):
            assert reader.offer(batch("x" * size))
            assert len(await anext(events)) == size

    run(test())


# The hub. Its poller finds no database here, which must not matter.


def delivery(*batches: tuple[Reader, Batch]) -> Delivery:
    return Delivery(list(batches), "1-1:3:3:", AT)


def join(hub: Hub, name: str) -> Reader:
    return hub.join(name, NEWCOMER, still_good)


def test_the_slow_are_dropped_and_the_others_are_not() -> None:
    async def test() -> None:
        metrics = ApiMetrics()
        hub = Hub(NO_POOL, metrics, LiveLimits(waiting_batches=2))
        slow, quick = join(hub, "slow"), join(hub, "quick")
        read = []
        events = quick.events(hub.beat)
        for number in range(3):
            both = delivery(*((each, batch(str(number))) for each in (slow, quick)))
            hub._deliver(hub._poller, both)
            read.append(await anext(events))
        assert read == [b"0", b"1", b"2"]
        assert [told(event) for event in await rest(slow)] == [
            ("dropped", None, {"reason": "too_slow"})
        ]
        assert metrics.registry.get_sample_value("guanche_api_live_dropped_total") == 1
        hub.close()

    run(test())


def test_a_beat_names_the_position_once_the_reader_has_arrived() -> None:
    async def test() -> None:
        hub = Hub(NO_POOL, ApiMetrics(), LiveLimits())
        first, later = join(hub, "first"), join(hub, "later")
        assert told(hub.beat(first)) == ("beat", None, {"as_of": None})
        hub._deliver(hub._poller, delivery((first, batch("hello"))))
        assert told(hub.beat(first)) == ("beat", "1-1:3:3:", {"as_of": "2026-03-01T08:00:00Z"})
        assert told(hub.beat(later)) == ("beat", None, {"as_of": None})
        hub.close()

    run(test())


def test_a_poller_of_before_is_not_listened_to() -> None:
    async def test() -> None:
        hub = Hub(NO_POOL, ApiMetrics(), LiveLimits())
        gone = join(hub, "gone")
        stopped = hub._poller
        hub.leave(gone)
        reader = join(hub, "ops")
        assert hub._poller is not stopped
        hub._deliver(stopped, delivery((reader, batch("a"))))
        assert not reader.arrived
        hub.close()

    run(test())


def test_who_leaves_makes_room() -> None:
    async def test() -> None:
        metrics = ApiMetrics()
        hub = Hub(NO_POOL, metrics, LiveLimits(readers=2, readers_per_actor=1))
        first, second = join(hub, "a"), join(hub, "b")
        for name in ("a", "c"):
            with pytest.raises(ApiError) as refused:
                join(hub, name)
            assert (refused.value.status, refused.value.code) == (503, "live_full")
        hub.leave(second)
        hub.leave(second)
        with pytest.raises(ApiError) as refused:
            join(hub, "a")
        assert (refused.value.status, refused.value.code) == (429, "live_too_many_streams")
        assert metrics.registry.get_sample_value("guanche_api_live_readers") == 1
        hub.leave(first)
        join(hub, "a")
        hub.close()
        with pytest.raises(ApiError) as refused:
            join(hub, "c")
        assert refused.value.status == 503

    run(test())


def test_one_that_was_dropped_counts_until_its_connection_ends() -> None:
    async def test() -> None:
        hub = Hub(NO_POOL, ApiMetrics(), LiveLimits(readers_per_actor=1))
        reader = join(hub, "a")
        poller = hub._poller
        hub._say_goodbye(reader, "session_ended")
        assert hub._poller is None, "but nobody looks for it any more"
        assert poller is not None
        with pytest.raises(ApiError):
            join(hub, "a")
        hub.leave(reader)
        join(hub, "a")
        hub.close()

    run(test())
