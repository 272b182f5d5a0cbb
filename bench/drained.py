"""Runs at full speed: ingest against a subscriber that does nothing, in the same minute.

Decides what the ratio is: messages a second that ingest commits, over those that a null subscriber
takes from the same broker. `drain`: a queue waits at the broker and nothing else runs. `live`: the
publisher sends as fast as the broker acknowledges, and takes its share of the machine. From the
first message read to the last one committed (ingest) or read (null).
"""

from pathlib import Path

import msgspec

from bench import null_subscriber, publisher
from bench.generator import (
    Plan,
)
from bench.null_subscriber import Client
from bench.offered import new_plan
from bench.processes import (
    RigFailed,
    finish_null_subscriber,
    publishing,
    run_null_subscriber,
    start_null_subscriber,
)
from bench.rig import (
    SQL,
    Ingest,
    Rig,
)
from bench.truth import (
    truth_of,
)
from bench.verification import Verdict, verify
from guanche.embedded import Broker
from kit import clock

_TIMEOUT_S = 300.0
_LOOK_S = 0.02


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """How fast messages were taken."""

    messages: int
    seconds: float
    per_s: float
    cpu_us_per_message: float | None = None
    published_per_s: float = 0.0
    """What the publisher reached, alone or at the same time."""
    verdict: Verdict | None = None


def take_with_ingest(
    rig: Rig, *, messages: int, seed: int, live: bool, samples_per_message: int = 1
) -> Taken:
    """Ingest takes a queue, or what is sent meanwhile."""
    rig.clear()
    plan = new_plan(rig.vehicles, messages, seed, samples_per_message)
    with rig.broker() as broker:
        with rig.ingest(broker) as ingest:  # makes the session, so that a queue forms
            if live:
                published_per_s, ended_us = _publish_and_wait(broker, plan, ingest)
        if not live:
            published_per_s = publish_all(broker, plan)
            with rig.ingest(broker) as ingest:
                ended_us = _wait_until_committed(ingest, messages)
    with rig.connect() as conn:
        row = conn.execute(SQL.find_first_receipt).fetchone()
        assert row is not None
        verdict = verify(conn, truth_of(plan), rig.number_of)
    seconds = (ended_us - row[0]) / 1e6
    return Taken(
        messages=messages,
        seconds=seconds,
        per_s=messages / seconds,
        published_per_s=published_per_s,
        verdict=verdict,
    )


def take_with_nothing(
    broker: Broker,
    *,
    vehicles: int,
    client: Client,
    messages: int,
    seed: int,
    live: bool,
    python: Path | None = None,
) -> Taken:
    """A null subscriber takes a queue, or what is sent meanwhile."""
    plan = new_plan(vehicles, messages, seed)
    orders = null_subscriber.Orders(url=broker.url, client=client, messages=messages)
    if live:
        process = start_null_subscriber(orders, python)
        published_per_s = publish_all(broker, plan)
        report = finish_null_subscriber(process)
    else:
        run_null_subscriber(msgspec.structs.replace(orders, messages=0), python)
        published_per_s = publish_all(broker, plan)
        report = run_null_subscriber(orders, python)
    if report.messages < messages:
        raise RigFailed(f"{client} took {report.messages:,} of {messages:,} messages")
    return Taken(
        messages=messages,
        seconds=report.seconds,
        per_s=messages / report.seconds,
        cpu_us_per_message=report.cpu_s / messages * 1e6,
        published_per_s=published_per_s,
    )


def publish_all(broker: Broker, plan: Plan) -> float:
    """Publish as fast as the broker acknowledges; messages a second."""
    with publishing(publisher.Orders(port=broker.port, plan=plan)) as running:
        report = running.finish()
    return report.acknowledged / report.elapsed_s


def _publish_and_wait(broker: Broker, plan: Plan, ingest: Ingest) -> tuple[float, int]:
    published_per_s = publish_all(broker, plan)
    return published_per_s, _wait_until_committed(ingest, plan.messages)


def _wait_until_committed(ingest: Ingest, messages: int) -> int:
    """Wait until so many messages are committed; when that was, µs since 1970."""
    deadline = clock.monotonic() + _TIMEOUT_S
    while (acknowledged := ingest.counters().acknowledged) < messages:
        if clock.monotonic() > deadline:
            raise RigFailed(f"{acknowledged:,} of {messages:,} messages after {_TIMEOUT_S:.0f} s")
        clock.sleep(_LOOK_S)
    return clock.now_us()
