"""The housekeeping: what each job does, and that one process does it."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from ingest import jobs, store
from ingest.jobs import run_job
from kit import db
from kit.settings import Settings

from .builders import DAY_US, sample_at, telemetry
from .conftest import Fleet, settings_for


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url=database_url, retention_days=31, rejects_retention_days=10)


def test_silence_after_180_s(fleet: Fleet, settings: Settings) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us)))
    fleet.write(telemetry(sample_at(fleet.now_us), serial="T2"), received_us=fleet.now_us + 1)
    at = fleet.now + timedelta(seconds=180)
    assert run_job(jobs.silence, settings, at) == {"fell_offline": 0}
    at += timedelta(microseconds=1)
    assert run_job(jobs.silence, settings, at) == {"fell_offline": 1}
    assert (fleet.state()["online"], fleet.state()["online_changed_at"]) == (False, at)
    assert fleet.state(fleet.b)["online"] is True


def test_silence_as_it_is_set(fleet: Fleet, settings: Settings) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us)))
    short = settings.model_copy(update={"offline_after_s": 10})
    at = fleet.now + timedelta(seconds=11)
    assert run_job(jobs.silence, settings, at) == {"fell_offline": 0}
    assert run_job(jobs.silence, short, at) == {"fell_offline": 1}
    assert run_job(jobs.silence, short, at) == {"fell_offline": 0}


def test_what_is_past_its_retention_goes(fleet: Fleet, settings: Settings) -> None:
    for ago in (29, 9, 0):
        at_us = fleet.now_us - ago * DAY_US
        refused = telemetry({"ts": "x", "seq": ago})
        fleet.write(telemetry(sample_at(at_us)), refused, received_us=at_us)
    assert run_job(jobs.drop_old, settings, fleet.now) is not None
    assert [(fleet.now - row["ts"]).days for row in fleet.telemetry()] == [29, 9, 0]
    assert [(fleet.now - row["received_at"]).days for row in fleet.refusals()] == [9, 0]
    done = run_job(jobs.drop_old, settings, fleet.now + timedelta(days=3))
    assert done is not None
    assert (done["chunks_dropped"] > 0, done["refusals_deleted"]) == (True, 1)
    assert [(fleet.now - row["ts"]).days for row in fleet.telemetry()] == [9, 0]


def test_a_refusal_seen_again_is_kept(fleet: Fleet, settings: Settings) -> None:
    for ago in (20, 1):
        fleet.write(telemetry({"ts": "x"}), received_us=fleet.now_us - ago * DAY_US)
    done = run_job(jobs.drop_old, settings, fleet.now)
    assert done is not None
    assert done["refusals_deleted"] == 0
    assert [row["times"] for row in fleet.refusals()] == [2]


def test_room_is_made_for_days_to_come(fleet: Fleet, settings: Settings, storage: str) -> None:
    later = fleet.now + timedelta(days=10)
    done = run_job(jobs.create_ahead, settings, later)
    assert done is not None
    expected = range(19, 22) if storage == "postgresql" else range(1)
    assert done["partitions_made"] in expected
    assert run_job(jobs.create_ahead, settings, later) == {"partitions_made": 0}


def test_maintenance_is_all_but_compression_which_goes_chunk_by_chunk() -> None:
    assert (jobs.create_ahead, jobs.drop_old, jobs.forget_batches) == jobs.MAINTENANCE


def test_while_one_process_is_at_it_another_leaves_it(fleet: Fleet, settings: Settings) -> None:
    with db.connect(fleet.url) as other:
        assert store.begin_job(other, "silence") is True
        assert run_job(jobs.silence, settings, fleet.now) is None
        other.rollback()
    assert run_job(jobs.silence, settings, fleet.now) == {"fell_offline": 0}


def test_what_fails_is_tried_again_later(fleet: Fleet, settings: Settings) -> None:
    def fail(conn: Connection[Any], _settings: Settings, _now: object) -> dict[str, int]:
        conn.execute("DELETE FROM ingest_rejects")
        conn.execute("SELECT 1 / 0")
        return {}

    fleet.write(telemetry({"ts": "x"}))
    assert run_job(fail, settings, fleet.now) is None
    assert len(fleet.refusals()) == 1
    away = settings_for(database_url="postgresql://127.0.0.1:1/nowhere")
    assert run_job(jobs.silence, away, fleet.now) is None
    assert run_job(jobs.silence, settings, fleet.now) == {"fell_offline": 0}
