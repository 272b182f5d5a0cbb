"""Batches announced to who looks at new telemetry: each once, in the order of commits."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from ingest import jobs, store
from ingest.delivery import Delivery, Publish
from ingest.jobs import run_job
from ingest.pipeline import process
from ingest.refusals import replay_refusals
from kit import clock, db

from .builders import DAY_US, SECOND_US, sample_at, status, telemetry, to_datetime
from .conftest import PLAIN_ONLY, Fleet, Writing, settings_for, wait_until
from .test_replay import register


def batches(fleet: Fleet) -> list[dict[str, Any]]:
    return fleet.find("SELECT * FROM telemetry_batches ORDER BY id")


def keys(batch: dict[str, Any]) -> list[tuple[int, Any, int]]:
    return list(zip(batch["vehicle_ids"], batch["ts"], batch["seqs"], strict=True))


def test_a_batch_tells_its_samples(fleet: Fleet) -> None:
    at_us = fleet.now_us
    fleet.write(
        telemetry(sample_at(at_us - 9, seq=4), sample_at(at_us)),
        telemetry(sample_at(at_us - 5), serial="T2"),
    )
    [told] = batches(fleet)
    assert keys(told) == [
        (fleet.a, to_datetime(at_us - 9), 4),
        (fleet.a, to_datetime(at_us), 0),
        (fleet.b, to_datetime(at_us - 5), 0),
    ]
    assert (told["from_ts"], told["until_ts"]) == (to_datetime(at_us - 9), to_datetime(at_us))


def test_history_is_told_and_presence_is_not(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us)))
    fleet.write(telemetry(sample_at(fleet.now_us - DAY_US), retained=True))
    fleet.write(status(False))
    assert [keys(each) for each in batches(fleet)] == [
        [(fleet.a, fleet.now, 0)],
        [(fleet.a, fleet.now - timedelta(days=1), 0)],
    ]


def test_states_folded_anew_are_told_once(fleet: Fleet) -> None:
    """Another writer moved the vehicle since memory was read."""
    fleet.write(telemetry(sample_at(fleet.now_us - 5)))
    fleet.write(telemetry(sample_at(fleet.now_us)), latest={})
    assert [keys(each) for each in batches(fleet)] == [
        [(fleet.a, to_datetime(fleet.now_us - 5), 0)],
        [(fleet.a, fleet.now, 0)],
    ]


@PLAIN_ONLY
def test_a_replayed_refusal_is_told_once(fleet: Fleet) -> None:
    received_us = fleet.now_us - 600 * SECOND_US
    samples = [sample_at(received_us - n, seq=n) for n in range(3)]
    fleet.write(telemetry(*samples, serial="N1"), received_us=received_us)
    assert batches(fleet) == []
    register(fleet)
    assert replay_refusals(fleet.conn, now=fleet.now).stored == 3
    assert [[seq for *_, seq in keys(each)] for each in batches(fleet)] == [[2, 1, 0]]


@PLAIN_ONLY
def test_a_message_that_is_isolated_leaves_the_others_told_once(
    fleet: Fleet, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = store.merge_batch

    def refuse_seq_1(conn: Any, batch: Any, missing: Any) -> None:
        if any(row[2] == 1 for row in batch.rows):
            conn.execute("SELECT 1 / 0")
        whole(conn, batch, missing)

    monkeypatch.setattr(store, "merge_batch", refuse_seq_1)
    writing.write(*[telemetry(sample_at(fleet.now_us, seq=n), mid=n + 1) for n in range(3)])
    told = [seq for each in batches(fleet) for *_, seq in keys(each)]
    assert sorted(told) == [0, 2]


@PLAIN_ONLY
def test_the_ids_are_in_the_order_of_commits(fleet: Fleet) -> None:
    """While one holds its transaction open, the other waits, even if it moves no state."""

    def begin(conn: Any, *publishes: Publish) -> None:
        store.prepare_session(conn)
        found = store.load_bindings(conn), store.load_latest(conn)
        batch = process([Delivery(list(publishes), fleet.now_us)], *found)
        store.store_rows(conn, batch.rows)
        store.merge_batch(conn, batch, [])
        store.announce_batch(conn, batch)

    def write_history() -> None:
        with db.connect(fleet.url, application_name="second") as second:
            begin(second, telemetry(sample_at(fleet.now_us - DAY_US, seq=2), retained=True))

    fleet.write(telemetry(sample_at(fleet.now_us - 1)))
    waiting = threading.Thread(target=write_history)
    with db.connect(fleet.url) as first:
        begin(first, telemetry(sample_at(fleet.now_us, seq=1)))
        waiting.start()
        wait_until(lambda: waits_for_lock(fleet), "the second waits for the first")
        assert [seq for each in batches(fleet) for *_, seq in keys(each)] == [0]
        first.commit()
    waiting.join()
    assert [seq for each in batches(fleet) for *_, seq in keys(each)] == [0, 1, 2]


def waits_for_lock(fleet: Fleet) -> bool:
    return bool(
        fleet.find(
            "SELECT FROM pg_stat_activity"
            " WHERE application_name = 'second' AND wait_event_type = 'Lock'"
        )
    )


@PLAIN_ONLY
def test_batches_go_once_they_are_read_or_old(fleet: Fleet) -> None:
    settings = settings_for(database_url=fleet.url, alert_backlog_hours=6)
    for second in range(4):
        fleet.write(telemetry(sample_at(fleet.now_us - 9 + second)))
    first, second, third, fourth = [each["id"] for each in batches(fleet)]
    now = clock.now()
    assert run_job(jobs.forget_batches, settings, now) == {"batches_forgotten": 0}
    for reader, batch_id in (("a", second), ("b", first)):
        fleet.conn.execute(
            "INSERT INTO alert_checkpoints (reader, batch_id, memory, format, taken_at)"
            " VALUES (%s, %s, '', '', now())",
            [reader, batch_id],
        )
    fleet.conn.execute(
        "UPDATE telemetry_batches SET written_at = %s WHERE id = %s",
        [now - timedelta(hours=6, seconds=1), third],
    )
    fleet.conn.commit()
    assert run_job(jobs.forget_batches, settings, now) == {"batches_forgotten": 2}
    assert [each["id"] for each in batches(fleet)] == [second, fourth]
