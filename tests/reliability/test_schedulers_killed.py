"""Three alert processes, and the one that acts is killed or frozen again and again: every matter is
found once, every reminder fires once, and what is told twice is counted.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from psycopg import Connection

from alerts.notify import service as notify
from alerts.rules import service as rules
from alerts.scheduling import service as scheduling
from fleet.service import service as work
from fleet.service.service import NewWorkOrder
from guanche.seed import PLATFORM
from kit import clock
from kit.sealed import SealingKey, new_key_text
from schemas.access import SYSTEM
from tests.fixtures.receivers import HttpReceiver, http_receiver
from tests.reliability.figures import percentile, report, rng_of
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.process import wait_until
from tests.reliability.rig import Rig
from tests.reliability.schedulers import Alerts, alerts_in, compare, waves

pytestmark = [pytest.mark.reliability, on_one_storage]
LEASE_S = 2
NOTHING_LASTS: dict[str, Any] = {
    "raise_at": 90,
    "clear_below": 85,
    "for_s": 0,
    "keep_s": 0,
    "reopen_within_s": 0,
}


class Size(NamedTuple):
    samples: int
    rate: float
    disturbances: int
    every_s: float


def _set_up(rig: Rig, *, url: str, key: str) -> None:
    """Every wave is a matter of its own, and late orders are told to a webhook."""
    with rig.conn.transaction():
        channel, _ = notify.create_channel(
            rig.conn,
            SYSTEM,
            sealing=SealingKey.from_text(key),
            organisation=PLATFORM,
            own=False,
            name="receiver",
            kind="webhook",
            target={"url": url},
            hourly_limit=10_000,
            private_allowed=True,
            now=clock.now(),
        )
        notify.create_subscription(
            rig.conn,
            SYSTEM,
            channel=channel.key,
            organisation=PLATFORM,
            wanted=notify.Wanted(kinds=("work_order_late",)),
            now=clock.now(),
        )
        rules.set_rule(
            rig.conn,
            SYSTEM,
            organisation=PLATFORM,
            code="over_speed",
            kind="over_speed",
            enabled=True,
            severity="warning",
            parameters=NOTHING_LASTS,
            scope={},
            name=None,
            version=None,
            now=clock.now(),
        )


def _open_late_orders(rig: Rig, count: int, number: int) -> None:
    """Work orders that should have been done three days ago: two reminders each."""
    now = clock.now()
    actor = replace(SYSTEM, name="test")
    with rig.conn.transaction():
        for place in range(count):
            wanted = NewWorkOrder(
                vin=rig.fleet[place].vin,
                kind="battery_check",
                title=f"{number}/{place}",
                due_on=(now - timedelta(days=3)).date(),
            )
            work.open_work_order(rig.conn, actor, wanted=wanted, now=now)


def _reminders(conn: Connection[Any]) -> tuple[int, int]:
    """Fires of late orders, and orders with other than two of them."""
    found = conn.execute(
        "SELECT count(k.fire_key), count(DISTINCT w.id), count(DISTINCT k.fire_key || w.id)"
        " FROM work_orders w LEFT JOIN alert_fires f"
        " ON f.rule_code = 'work_order_late' AND f.subject_id = w.id"
        " LEFT JOIN LATERAL unnest(f.missed_keys || f.fire_key) AS k (fire_key) ON true"
        " WHERE w.due_on IS NOT NULL"
    ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def _disturb(processes: list[Alerts], kind: str, frozen: list[Alerts]) -> float:
    """Kill or freeze the one that acts; how long until another does [s]."""
    wait_until(lambda: _leader(processes, frozen), within_s=30, what="one acts")
    leader = _leader(processes, frozen)
    assert leader is not None
    if kind == "kill":
        leader.kill()
    else:
        leader.freeze()
        frozen.append(leader)
    began_s = clock.monotonic()
    wait_until(
        lambda: (now := _leader(processes, frozen)) is not None and now is not leader,
        within_s=40,
        what="another one acts",
    )
    took_s = clock.monotonic() - began_s
    if kind == "kill":
        leader.start()
    else:
        leader.thaw()
        frozen.remove(leader)
    return took_s


def _leader(processes: list[Alerts], frozen: list[Alerts]) -> Alerts | None:
    return next((each for each in processes if each not in frozen and each.leads), None)


def _told(receiver: HttpReceiver) -> int:
    """How many late orders the receiver was told of."""
    return len({alert["alert_no"] for sent in receiver.received for alert in alerts_in(sent.body)})


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    """Whoever is told."""
    with http_receiver() as listening:
        yield listening


@forms(short=Size(6_000, 150, 4, 4), long=Size(90_000, 150, 40, 8), long_timeout_s=1_800)
def test_leaders_die_and_freeze_and_nothing_is_missed_or_doubled(
    rig: Rig, receiver: HttpReceiver, size: Size
) -> None:
    rng = rng_of("schedulers")
    key = new_key_text()
    _set_up(rig, url=receiver.url(), key=key)
    rig.ingest().start().wait_ready()
    settings = {
        "secret_key": key,
        "notify_private_targets": True,
        "notify_group_wait_s": 1,
        "alert_lease_s": LEASE_S,
        "alert_sweep_s": 5,
        "alert_checkpoint_s": 1,
        "alert_poll_ms": 100,
    }
    processes = [Alerts(rig, f"alerts-{number}", **settings) for number in range(3)]
    frozen: list[Alerts] = []
    failovers_s = []
    try:
        for process in processes:
            process.start()
        traffic = rig.publish(waves(rig.devices, size.samples), rate=size.rate)
        for number in range(size.disturbances):
            clock.sleep(rng.uniform(0.5, 1.0) * size.every_s)
            _open_late_orders(rig, 5, number)
            kind = ("kill", "freeze")[number % 2]
            failovers_s.append(_disturb(processes, kind, frozen))
        published = traffic.finish().published
        rig.wait_stored(published)
        wait_until(lambda: _is_read(rig.conn), within_s=60, what="all batches are read")
        orders = 5 * size.disturbances
        wait_until(
            lambda: _reminders(rig.conn)[0] >= 2 * orders, within_s=30, what="all orders are found"
        )
        wait_until(lambda: _told(receiver) >= orders, within_s=30, what="all orders are told of")
        ends = [process.terminate().code for process in processes]
    finally:
        for process in processes:
            process.kill()
    found = compare(rig.conn)
    fires, known_orders = _reminders(rig.conn)
    report(
        "schedulers killed and frozen",
        waves=found.waves,
        missed=found.missed,
        doubled=found.doubled,
        stray=found.stray,
        reminders=fires,
        disturbances=size.disturbances,
        messages=len({sent.headers["webhook-id"] for sent in receiver.received}),
        sent_twice=len(receiver.received)
        - len({s.headers["webhook-id"] for s in receiver.received}),
        failover_p95_s=percentile(failovers_s, 0.95),
    )
    assert found.waves > size.samples // 20
    assert (found.missed, found.doubled, found.stray) == (0, 0, 0)
    assert (fires, known_orders) == (2 * orders, orders)
    assert ends == [0, 0, 0]
    leader = scheduling.find_leader(rig.conn, "engine")
    assert leader is not None
    assert leader.fencing > size.disturbances


def _is_read(conn: Connection[Any]) -> bool:
    """Whether the engine's last checkpoint is past the last batch."""
    row = conn.execute(
        "SELECT coalesce((SELECT max(batch_id) FROM alert_checkpoints), 0)"
        " >= coalesce((SELECT max(id) FROM telemetry_batches), 0)"
    ).fetchone()
    return row is not None and bool(row[0])
