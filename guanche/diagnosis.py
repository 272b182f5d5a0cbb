"""Judges what was found in an installation: fine, worth a warning, or a failure, and what to do.

Pure: facts in, findings out. The looking is done by `guanche/doctor.py`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from alerts.scheduling.model import Job, Leader
from guanche.commands.output import bytes_text, duration_text
from guanche.scrape import Health
from guanche.store import IngestTraces, ServerFacts
from ingest.mqtt_client import BrokerProbe
from ingest.storage import StorageInfo
from kit.db import masked
from kit.settings import Settings

Level = Literal["ok", "warn", "fail"]
GRAVITY: tuple[Level, ...] = ("ok", "warn", "fail")
OLDEST_SERVER = 170_000
CLOCK_TOLERANCE_S = 2.0
LITTLE_DISK_BYTES = 2 * 1024**3


class Finding(NamedTuple):
    """One line of the report: what was looked at, how it is, and what to do if it is not well."""

    part: str
    level: Level
    message: str
    advice: str | None = None


def worst(findings: list[Finding]) -> Level:
    """The gravest level among them."""
    return max((finding.level for finding in findings), key=GRAVITY.index, default="ok")


def judge_server(facts: ServerFacts, *, url: str) -> list[Finding]:
    """Version, durability and privileges of the database server."""
    where = f"PostgreSQL {facts.version.split()[0]} at {url}, {bytes_text(facts.size_bytes)}"
    findings = [Finding("database", "ok", where)]
    if facts.version_num < OLDEST_SERVER:
        findings = [
            Finding("database", "fail", where, "Guanche needs PostgreSQL 17 or newer: upgrade it.")
        ]
    unsafe = [
        f"{name} = off"
        for name, on in (("fsync", facts.fsync), ("synchronous_commit", facts.synchronous_commit))
        if not on
    ]
    if unsafe:
        findings.append(
            Finding(
                "durability",
                "warn",
                f"{' and '.join(unsafe)}: a crash can lose samples already acknowledged",
                "Fine for a trial; switch it on where the data matter.",
            )
        )
    missing = [
        name
        for name, granted in (
            ("CREATE on the schema", facts.may_create_tables),
            ("TEMPORARY on the database", facts.may_create_temporary),
        )
        if not granted
    ]
    if missing:
        findings.append(
            Finding(
                "privileges",
                "fail",
                f"{facts.role_name} lacks {' and '.join(missing)}",
                "Chunks are created ahead and batches staged in a temporary table: grant it, or"
                f" make {facts.role_name} the owner of {facts.database_name}.",
            )
        )
    else:
        findings.append(
            Finding("privileges", "ok", f"{facts.role_name} may create tables and stage batches")
        )
    return findings


def judge_disk(*, free_bytes: int, total_bytes: int) -> Finding:
    """Free space of the database server's disk."""
    told = f"{bytes_text(free_bytes)} free of {bytes_text(total_bytes)} for the database"
    if free_bytes < max(LITTLE_DISK_BYTES, total_bytes // 20):
        return Finding(
            "disk",
            "warn",
            told,
            "Make room or lower GUANCHE_RETENTION_DAYS: a full disk stops ingest.",
        )
    return Finding("disk", "ok", told)


def judge_extension(facts: ServerFacts) -> Finding:
    """Whether TimescaleDB can be had on this server."""
    if facts.timescaledb_loaded:
        return Finding("extension", "ok", "timescaledb is loaded")
    if facts.timescaledb_available:
        return Finding(
            "extension",
            "warn",
            "timescaledb is installed but not loaded",
            "Add it to shared_preload_libraries and restart the server, before the first"
            " `guanche migrate`.",
        )
    return Finding("extension", "ok", "no timescaledb here; native partitions do instead")


def judge_storage(info: StorageInfo, settings: Settings) -> Finding:
    """What telemetry is stored in."""
    told = (
        f"{info.description}; chunks of {settings.chunk_hours} h,"
        f" kept {settings.retention_days} days"
    )
    if info.edition == "apache":
        return Finding("storage", "ok", f"{told}; this edition does not compress")
    return Finding("storage", "ok", told)


def judge_clock(*, now: datetime, server_now: datetime) -> list[Finding]:
    """Our clock against the database's."""
    ahead_s = (now - server_now).total_seconds()
    if abs(ahead_s) > CLOCK_TOLERANCE_S:
        direction = "ahead of" if ahead_s > 0 else "behind"
        return [
            Finding(
                "clock",
                "warn",
                f"this machine is {duration_text(abs(ahead_s))} {direction} the database",
                "Run NTP (chrony or systemd-timesyncd) on both: receipt times and the"
                " refusal of future samples depend on it.",
            )
        ]
    return [Finding("clock", "ok", f"agrees with the database within {CLOCK_TOLERANCE_S:.0f} s")]


def judge_traces(traces: IngestTraces, settings: Settings, *, now: datetime) -> list[Finding]:
    """What ingest left in the database: receipts in the future, slots nobody serves."""
    findings = []
    newest = traces.newest_receipt_at
    if newest is not None and (newest - now).total_seconds() > CLOCK_TOLERANCE_S:
        findings.append(
            Finding(
                "clock",
                "warn",
                f"the newest receipt lies {duration_text((newest - now).total_seconds())} ahead",
                "This clock went back, or an ingest process runs on a machine whose clock is"
                " ahead: run NTP on every one.",
            )
        )
    if traces.slots_held < settings.ingest_slots:
        findings.append(
            Finding(
                "slots",
                "warn",
                f"{traces.slots_held} of {settings.ingest_slots} ingest slots are served",
                "Start `guanche ingest`; until then the broker queues."
                if not traces.slots_held
                else "Start another `guanche ingest`: one process serves one slot.",
            )
        )
    else:
        findings.append(
            Finding("slots", "ok", f"{traces.slots_held} of {settings.ingest_slots} served")
        )
    return findings


def judge_alerts(leader: Leader | None, jobs: Sequence[Job]) -> Finding:
    """Whether somebody watches and reminds, and whether what has to be done again and again is."""
    if leader is None or leader.lapsed:
        told = "nobody acts: nothing is watched, nobody is reminded"
        return Finding("alerts", "warn", told, "Start `guanche alerts run`.")
    failing = [f"{job.name} ({job.last_error})" for job in jobs if job.last_error]
    if failing:
        told = f"a job fails: {', '.join(failing)}"
        return Finding("alerts", "fail", told, "`guanche alerts status` and its log say more.")
    return Finding("alerts", "ok", f"watched by {leader.holder.partition(':')[0]}")


def judge_broker(probe: BrokerProbe, settings: Settings) -> list[Finding]:
    """Whether the broker lets us in, speaks MQTT 5 and has dropped nothing."""
    url = masked(settings.mqtt_url.get_secret_value())
    if not probe.reachable:
        return [
            Finding(
                "broker",
                "fail",
                f"no connection to {url}: {probe.error or 'no answer'}",
                "Start it, or correct GUANCHE_MQTT_URL.",
            )
        ]
    if not probe.accepted:
        return [
            Finding(
                "broker",
                "fail",
                f"{url} does not let us in: {probe.error or 'no reason given'}",
                "Check the user and password in GUANCHE_MQTT_URL, GUANCHE_MQTT_VERSION, and the"
                " broker's access control.",
            )
        ]
    return [_judge_protocol(probe, url=url, settings=settings), *_judge_dropped(probe)]


def _judge_protocol(probe: BrokerProbe, *, url: str, settings: Settings) -> Finding:
    told = f"MQTT {probe.protocol} at {url}"
    if settings.ingest_slots > 1 and probe.shared_subscriptions is False:
        return Finding(
            "broker",
            "fail",
            f"{told} has no shared subscriptions",
            "Set GUANCHE_INGEST_SLOTS=1, or use a broker that has them.",
        )
    if settings.ingest_slots > 1 and forgets_shared_subscriptions(probe.version):
        return Finding(
            "broker",
            "fail",
            f"{told} is {probe.version}, which forgets shared subscriptions when it restarts",
            "Set GUANCHE_INGEST_SLOTS=1, or use mosquitto 2.0.12 or newer.",
        )
    if probe.protocol != "5":
        return Finding(
            "broker",
            "warn",
            told,
            "MQTT 5 lets ingest state a Receive Maximum: set GUANCHE_MQTT_VERSION=5 if the"
            " broker speaks it.",
        )
    return Finding("broker", "ok", told)


def forgets_shared_subscriptions(version: str | None) -> bool:
    """Whether this is a mosquitto before 2.0.12, where they do not survive a restart.

    >>> forgets_shared_subscriptions("mosquitto version 2.0.11")
    True
    >>> forgets_shared_subscriptions("mosquitto version 2.0.21")
    False
    """
    match = re.fullmatch(r"mosquitto version (\d+)\.(\d+)\.(\d+)", version or "")
    return match is not None and tuple(map(int, match.groups())) < (2, 0, 12)


def _judge_dropped(probe: BrokerProbe) -> list[Finding]:
    if probe.dropped_messages is None:
        return []
    if probe.dropped_messages:
        return [
            Finding(
                "dropped",
                "warn",
                f"the broker has dropped {probe.dropped_messages:,} messages since it started",
                "A queue was full: enlarge max_queued_messages and max_queued_bytes, and keep"
                " ingest running. See deploy/mosquitto/.",
            )
        ]
    return [Finding("dropped", "ok", "the broker has dropped no message since it started")]


def judge_ingest(health: Health, settings: Settings) -> list[Finding]:
    """Whether an ingest process answers on its health port."""
    if settings.http_port == 0:
        return [Finding("ingest", "ok", "not looked at: GUANCHE_HTTP_PORT=0 means any free port")]
    where = f"http://{settings.http_host}:{settings.http_port}/healthz"
    if not health.answered:
        return [Finding("ingest", "warn", f"nobody answers at {where}", "Start `guanche ingest`.")]
    if not health.well:
        return [
            Finding("ingest", "fail", f"{where} says: {health.text}", "Read the log of ingest.")
        ]
    return [Finding("ingest", "ok", f"well, at {where}")]
