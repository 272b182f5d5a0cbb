"""What a fact found by the doctor means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.scheduling.model import Job, Leader
from guanche.diagnosis import (
    Finding,
    Level,
    judge_alerts,
    judge_broker,
    judge_clock,
    judge_disk,
    judge_extension,
    judge_ingest,
    judge_server,
    judge_storage,
    judge_traces,
    worst,
)
from guanche.scrape import Health
from guanche.store import IngestTraces, ServerFacts
from ingest.mqtt_client import BrokerProbe
from ingest.storage import StorageInfo
from kit.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]
GIB = 1024**3


def server(**facts: Any) -> ServerFacts:
    """A server in good order, but for what is given."""
    good: dict[str, Any] = {
        "version": "17.4",
        "version_num": 170_004,
        "role_name": "guanche",
        "database_name": "guanche",
        "size_bytes": GIB,
        "fsync": True,
        "synchronous_commit": True,
        "may_create_tables": True,
        "may_create_temporary": True,
        "timescaledb_loaded": True,
        "timescaledb_available": True,
        "data_directory": None,
        "server_now": NOW,
    }
    return ServerFacts(**(good | facts))


def probe(**facts: Any) -> BrokerProbe:
    """A broker in good order, but for what is given."""
    good: dict[str, Any] = {
        "reachable": True,
        "accepted": True,
        "protocol": "5",
        "receive_maximum": 20,
        "shared_subscriptions": True,
        "dropped_messages": 0,
        "version": "mosquitto version 2.0.21",
        "error": None,
    }
    return BrokerProbe(**(good | facts))


def levels(findings: list[Finding]) -> dict[str, Level]:
    return {finding.part: finding.level for finding in findings}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, {"database": "ok", "privileges": "ok"}, id="in good order"),
        pytest.param(
            {"version": "13.9", "version_num": 130_009},
            {"database": "fail", "privileges": "ok"},
            id="too old",
        ),
        pytest.param(
            {"fsync": False},
            {"database": "ok", "durability": "warn", "privileges": "ok"},
            id="fsync off",
        ),
        pytest.param(
            {"may_create_temporary": False},
            {"database": "ok", "privileges": "fail"},
            id="no temporary tables",
        ),
    ],
)
def test_the_server(facts: dict[str, Any], expected: dict[str, Level]) -> None:
    assert levels(judge_server(server(**facts), url="db")) == expected


@pytest.mark.parametrize(
    ("loaded", "available", "level"),
    [(True, True, "ok"), (False, True, "warn"), (False, False, "ok")],
    ids=["loaded", "installed but not loaded", "not there"],
)
def test_the_extension(loaded: bool, available: bool, level: Level) -> None:
    facts = server(timescaledb_loaded=loaded, timescaledb_available=available)
    assert judge_extension(facts).level == level


def test_the_apache_edition_is_said_not_to_compress() -> None:
    finding = judge_storage(StorageInfo("timescaledb", "apache", "2.19.3", "17.4"), SETTINGS)
    assert finding.level == "ok"
    assert finding.message.endswith("this edition does not compress")


@pytest.mark.parametrize(
    ("free_bytes", "total_bytes", "level"),
    [
        (50 * GIB, 100 * GIB, "ok"),
        (4 * GIB, 100 * GIB, "warn"),
        (1 * GIB, 10 * GIB, "warn"),
        (3 * GIB, 10 * GIB, "ok"),
    ],
)
def test_the_disk(free_bytes: int, total_bytes: int, level: Level) -> None:
    assert judge_disk(free_bytes=free_bytes, total_bytes=total_bytes).level == level


@pytest.mark.parametrize(
    ("ahead_s", "level", "word"),
    [
        (0.0, "ok", "agrees"),
        (1.9, "ok", "agrees"),
        (2.5, "warn", "ahead of"),
        (-9.0, "warn", "behind"),
    ],
)
def test_the_clock(ahead_s: float, level: Level, word: str) -> None:
    (finding,) = judge_clock(now=NOW + timedelta(seconds=ahead_s), server_now=NOW)
    assert finding.level == level
    assert word in finding.message


@pytest.mark.parametrize(
    ("newest_at", "slots_held", "expected"),
    [
        pytest.param(None, 1, {"slots": "ok"}, id="nothing received yet"),
        pytest.param(NOW - timedelta(days=9), 0, {"slots": "warn"}, id="ingest is away"),
        pytest.param(
            NOW + timedelta(minutes=3), 1, {"clock": "warn", "slots": "ok"}, id="a clock went back"
        ),
    ],
)
def test_what_ingest_left_behind(
    newest_at: datetime | None, slots_held: int, expected: dict[str, Level]
) -> None:
    found = judge_traces(IngestTraces(newest_at, slots_held), SETTINGS, now=NOW)
    assert levels(found) == expected


@pytest.mark.parametrize(
    ("facts", "slots", "expected"),
    [
        pytest.param({}, 1, {"broker": "ok", "dropped": "ok"}, id="in good order"),
        pytest.param(
            {"reachable": False, "accepted": False, "error": "refused"},
            1,
            {"broker": "fail"},
            id="not there",
        ),
        pytest.param(
            {"accepted": False, "error": "Not authorized"}, 1, {"broker": "fail"}, id="log-in"
        ),
        pytest.param(
            {"protocol": "3.1.1", "receive_maximum": None, "dropped_messages": None},
            1,
            {"broker": "warn"},
            id="an old protocol, and no word on what it dropped",
        ),
        pytest.param(
            {"dropped_messages": 12}, 1, {"broker": "ok", "dropped": "warn"}, id="dropped some"
        ),
        pytest.param(
            {"shared_subscriptions": False},
            2,
            {"broker": "fail", "dropped": "ok"},
            id="slots without shared subscriptions",
        ),
    ],
)
def test_the_broker(facts: dict[str, Any], slots: int, expected: dict[str, Level]) -> None:
    settings = SETTINGS.model_copy(update={"ingest_slots": slots})
    assert levels(judge_broker(probe(**facts), settings)) == expected


@pytest.mark.parametrize(
    ("port", "health", "level"),
    [
        (9108, Health(True, True, "{}"), "ok"),
        (9108, Health(True, False, '{"ok": false}'), "fail"),
        (9108, Health(False, False, "refused"), "warn"),
        (0, Health(False, False, "refused"), "ok"),
    ],
    ids=["well", "unwell", "nobody there", "any port"],
)
def test_the_ingest_process(port: int, health: Health, level: Level) -> None:
    settings = SETTINGS.model_copy(update={"http_port": port})
    assert levels(judge_ingest(health, settings)) == {"ingest": level}


def leader(*, lapsed: bool) -> Leader:
    return Leader("engine", "fleet-2:4739:17", 3, NOW, lapsed)


def job(name: str, error: str | None = None) -> Job:
    return Job(name, 300.0, NOW, NOW, NOW, 0.2, error)


@pytest.mark.parametrize(
    ("acts", "jobs", "level", "message"),
    [
        pytest.param(None, [], "warn", "nobody acts: nothing is watched", id="never started"),
        pytest.param(
            leader(lapsed=True), [job("sweep")], "warn", "nobody acts: nothing", id="gone"
        ),
        pytest.param(leader(lapsed=False), [job("sweep")], "ok", "watched by fleet-2", id="well"),
        pytest.param(
            leader(lapsed=False),
            [job("sweep", "no disk"), job("gather")],
            "fail",
            "a job fails: sweep (no disk)",
            id="a job fails",
        ),
    ],
)
def test_whoever_watches(acts: Leader | None, jobs: list[Job], level: Level, message: str) -> None:
    found = judge_alerts(acts, jobs)
    assert (found.part, found.level) == ("alerts", level)
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    ("found", "expected"),
    [([], "ok"), (["ok", "warn", "ok"], "warn"), (["warn", "fail", "ok"], "fail")],
)
def test_the_gravest_level_counts(found: list[Level], expected: Level) -> None:
    assert worst([Finding("x", level, "y") for level in found]) == expected
