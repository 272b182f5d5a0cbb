"""A tiny run through the real broker, ingest and database; and that faults would be found."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from pydantic import SecretStr

from bench import null_subscriber, publisher
from bench.generator import (
    Plan,
)
from bench.null_subscriber import Client
from bench.processes import (
    run_null_subscriber,
)
from bench.publisher import Load, Orders, Report
from bench.questions import TICKS_A_DAY, ask_database
from bench.rig import (
    prepare_database,
)
from bench.truth import (
    truth_of,
)
from bench.verification import verify
from guanche.embedded import Broker
from ingest.gateway import Gateway
from kit import clock, db
from kit.settings import Settings

MESSAGES = 2_000
VEHICLES = 320


def new_plan(samples_per_message: int = 1) -> Plan:
    start_ms = clock.now_us() // 1000 - 600_000
    return Plan(
        vehicles=VEHICLES,
        messages=MESSAGES,
        seed=2,
        start_ms=start_ms,
        samples_per_message=samples_per_message,
    )


def publish(broker: Broker, plan: Plan, **orders: Any) -> list[Report]:
    told: list[Report] = []
    Load(Orders(port=broker.port, plan=plan, **orders), told.append).run()
    return told


def ingest_all(url: str, broker: Broker, plan: Plan) -> None:
    settings = Settings(
        database_url=SecretStr(url), mqtt_url=SecretStr(broker.url), http_port=0, batch_ms=20
    )
    gateway = Gateway(settings)
    gateway.start()
    try:
        wait_for(lambda: bool(gateway.health()["slots_connected"]))
        publish(broker, plan)
        acknowledged = gateway.metrics.messages_acknowledged._value
        wait_for(lambda: acknowledged.get() >= plan.messages)
        assert gateway.watch() is None
    finally:
        gateway.stop()


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + 30
    while not happened():
        assert clock.monotonic() < deadline
        clock.sleep(0.01)


@pytest.mark.parametrize("samples_per_message", [1, 10])
def test_nothing_is_lost_and_faults_are_found(
    database_url: str, broker: Broker, samples_per_message: int
) -> None:
    _, number_of = prepare_database(database_url, vehicles=VEHICLES, seed=2)
    assert sorted(number_of.values()) == list(range(VEHICLES))
    plan = new_plan(samples_per_message)
    ingest_all(database_url, broker, plan)
    truth = truth_of(plan)
    with db.connect(database_url, autocommit=True) as conn:
        verdict = verify(conn, truth, number_of)
        assert verdict.sound, verdict
        assert verdict.stored == len(truth.keys) > 1_700
        assert verdict.refused == len(truth.refused) > 0
        spoil(conn)
        spoilt = verify(conn, truth, number_of)
    assert (spoilt.lost, spoilt.invented, spoilt.duplicates) == (4, 1, 0)
    assert (spoilt.refusals_lost, spoilt.refusals_invented) == (1, 0)
    assert not spoilt.sound


def spoil(conn: Connection[Any]) -> None:
    """Three rows vanish, one moves to another time, one refusal vanishes."""
    conn.execute(
        "DELETE FROM telemetry WHERE (vehicle_id, ts) IN"
        " (SELECT vehicle_id, ts FROM telemetry ORDER BY vehicle_id, ts LIMIT 3)"
    )
    conn.execute(
        "UPDATE telemetry SET seq = 5 WHERE (vehicle_id, ts) IN"
        " (SELECT vehicle_id, ts FROM telemetry ORDER BY vehicle_id DESC, ts LIMIT 1)"
    )
    conn.execute("DELETE FROM ingest_rejects WHERE id = (SELECT min(id) FROM ingest_rejects)")


@pytest.mark.parametrize("client", ["bulk", "paho5", "paho311"])
def test_a_null_subscriber_takes_all(broker: Broker, client: Client) -> None:
    orders = null_subscriber.Orders(url=broker.url, client=client, messages=500, timeout_s=30)
    subscribed = null_subscriber.Orders(url=broker.url, client=client, messages=0)
    assert run_null_subscriber(subscribed).messages == 0
    plan = Plan(vehicles=50, messages=500, seed=1, start_ms=1_790_000_000_000)
    assert publish(broker, plan)[-1].acknowledged == 500
    report = run_null_subscriber(orders)
    assert report.messages == 500
    assert report.seconds > 0


def test_a_paced_publisher_keeps_its_time_table(broker: Broker) -> None:
    plan = Plan(vehicles=50, messages=600, seed=1, start_ms=1_790_000_000_000)
    reports = publish(broker, plan, rate_per_s=800.0, probe_every=100)
    last = reports[-1]
    assert (last.sent, last.acknowledged, last.done) == (600, 600, True)
    assert last.elapsed_s >= 599 / 800
    assert [place for place, _ in last.probes] == [0, 100, 200, 300, 400, 500]
    assert not reports[0].done
    assert reports[0].sent < 600


def test_a_publisher_without_a_broker_fails(unused_port: int) -> None:
    plan = Plan(vehicles=1, messages=1, seed=1, start_ms=0)
    with pytest.raises(ConnectionRefusedError):
        publisher.Load(Orders(port=unused_port, plan=plan), lambda _: None)


def test_questions_are_answered_truly(database_url: str) -> None:
    _, number_of = prepare_database(database_url, vehicles=40, seed=2)
    with db.connect(database_url, autocommit=True) as conn:
        answers = ask_database(conn, number_of, rows=TICKS_A_DAY * 2, seed=2)
    assert answers.wrong == 0
    assert answers.rows == TICKS_A_DAY * 2
    assert answers.latest_states.rows == 40
    assert answers.day_track.rows == TICKS_A_DAY
