"""Examines an installation, one part after the other; a part that fails silences what needs it.

Does the looking: database, broker, ingest process, alerts, API. What a fact means is decided in
`guanche/diagnosis.py` and `guanche/diagnosis_api.py`. Changes nothing: the one file it
tries to write is taken away.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from alerts.leadership import ROLE
from alerts.scheduling import service as scheduling
from fleet.identity import service as identity
from fleet.masking import UNREADABLE_ID_CARD
from guanche import store
from guanche.diagnosis import (
    Finding,
    judge_alerts,
    judge_broker,
    judge_clock,
    judge_disk,
    judge_extension,
    judge_ingest,
    judge_server,
    judge_storage,
    judge_traces,
)
from guanche.diagnosis_api import (
    judge_api,
    judge_api_role,
    judge_files,
    judge_fonts,
    judge_people,
    judge_public_url,
    judge_secret_key,
)
from guanche.failures import first_line
from guanche.scrape import read_health
from ingest.mqtt_client import probe_broker
from ingest.storage import detect
from kit import clock, db
from kit.files import FileStore, FilesUnavailable, open_files, open_vault_copy
from kit.fonts import FontsMissing, coverages
from kit.migrate import DatabaseNewer, MigrationChanged, find_pending, list_applied, read_migrations
from kit.sealed import SealingKey
from kit.settings import Settings
from schemas.access import SYSTEM

BROKER_TIMEOUT_S = 3.0
PEOPLE_TRIED = 1_000
"""ID cards that the key is tried on."""


def examine(settings: Settings, *, migrations: Path) -> list[Finding]:
    """Look at every part; the order is the order of the report."""
    url = db.masked(settings.database_url.get_secret_value())
    findings = [Finding("settings", "ok", "valid; `guanche config` lists them")]
    try:
        with _short_connection(settings.database_url.get_secret_value()) as conn:
            findings += examine_database(conn, settings, url=url, migrations=migrations)
    except psycopg.OperationalError as error:
        findings.append(
            Finding(
                "database",
                "fail",
                f"no connection to {url}: {first_line(error)}",
                "Start the server, or correct GUANCHE_DATABASE_URL.",
            )
        )
    findings += judge_broker(probe_broker(settings, timeout_s=BROKER_TIMEOUT_S), settings)
    findings += judge_ingest(read_health(settings.http_host, settings.http_port), settings)
    findings += examine_api(settings)
    return findings


@contextmanager
def _short_connection(url: str) -> Iterator[Connection[Any]]:
    """A connection that gives up on a hung server after some seconds."""
    with db.connect(url, application_name="guanche doctor", autocommit=True) as conn:
        store.set_patience(conn)
        yield conn


def examine_database(
    conn: Connection[Any], settings: Settings, *, url: str, migrations: Path
) -> list[Finding]:
    """The server, our role, the tables, the storage and the clocks."""
    before = clock.now()
    facts = store.get_server_facts(conn)
    now = before + (clock.now() - before) / 2
    findings = judge_server(facts, url=url)
    findings += examine_disk(facts.data_directory)
    tables = examine_tables(conn, migrations)
    findings.append(tables)
    findings.append(judge_extension(facts))
    findings += judge_clock(now=now, server_now=facts.server_now)
    if tables.level == "fail":
        return findings
    findings.append(judge_storage(detect(conn), settings))
    traces = store.get_ingest_traces(conn)
    findings += judge_traces(traces, settings, now=now)
    findings.append(judge_alerts(scheduling.find_leader(conn, ROLE), scheduling.list_jobs(conn)))
    if settings.api_database_url is not None:
        findings += examine_people(conn, settings)
    return findings


def examine_people(conn: Connection[Any], settings: Settings) -> list[Finding]:
    """Whether anybody could log in, and whether the key opens what is sealed of them."""
    people = judge_people(store.count_people(conn))
    try:
        text = settings.secret_key.get_secret_value() if settings.secret_key else ""
        if not text:
            return [people, judge_secret_key(fault="it is not set", closed=0)]
        key = SealingKey.from_text(text)
    except ValueError as error:
        return [people, judge_secret_key(fault=str(error), closed=0)]
    known = identity.list_users(conn, SYSTEM, limit=PEOPLE_TRIED, key=key)
    closed = sum(person.id_card_masked == UNREADABLE_ID_CARD for person in known)
    return [people, judge_secret_key(fault=None, closed=closed)]


def examine_api(settings: Settings) -> list[Finding]:
    """The role the API connects as, its address and its process; nothing where there is none."""
    if settings.api_database_url is None:
        return []
    url = settings.api_database_url.get_secret_value()
    try:
        with _short_connection(url) as conn:
            role = judge_api_role(store.get_api_role(conn))
    except psycopg.errors.InsufficientPrivilege as error:
        role = Finding(
            "api role",
            "fail",
            f"the role of {db.masked(url)} is no member of guanche_app: {first_line(error)}",
            "deploy/timescale/access.sh makes the right one.",
        )
    except psycopg.Error as error:
        role = Finding(
            "api role",
            "fail",
            f"nothing to be seen at {db.masked(url)}: {first_line(error)}",
            "Start the server, migrate, or correct GUANCHE_API_DATABASE_URL.",
        )
    health = read_health(settings.api_host, settings.api_port, "/readyz")
    return [
        role,
        *examine_files(settings),
        examine_fonts(),
        judge_public_url(settings),
        judge_api(health, settings),
    ]


def examine_files(settings: Settings) -> list[Finding]:
    """Whether a file can be written, by writing one and taking it away; also where contracts lie a
    second time."""
    found = [examine_store(open_files(settings), "files", "GUANCHE_FILES_URL")]
    second = open_vault_copy(settings)
    if second is not None:
        found.append(examine_store(second, "vault copy", "GUANCHE_VAULT_COPY_URL"))
    return found


def examine_store(files: FileStore, part: str, setting: str) -> Finding:
    """Whether a store of files can be written to."""
    try:
        files.check_writable()
    except FilesUnavailable as error:
        return judge_files(
            files.url, fault=first_line(error), free_bytes=None, part=part, setting=setting
        )
    free_bytes = None if files.folder is None else shutil.disk_usage(files.folder).free
    return judge_files(files.url, fault=None, free_bytes=free_bytes, part=part, setting=setting)


def examine_fonts() -> Finding:
    """Whether the fonts of contracts and bills are there."""
    try:
        coverages()
    except FontsMissing as missing:
        return judge_fonts(str(missing))
    return judge_fonts(None)


def examine_disk(data_directory: str | None) -> list[Finding]:
    """Free space for the database, if it is on this machine and we may know where."""
    if data_directory is None or not (Path(data_directory) / "PG_VERSION").is_file():
        return []
    usage = shutil.disk_usage(data_directory)
    return [judge_disk(free_bytes=usage.free, total_bytes=usage.total)]


def examine_tables(conn: Connection[Any], folder: Path) -> Finding:
    """Whether the migrations of this program have run, these and no others."""
    migrations = read_migrations(folder)
    try:
        pending = find_pending(migrations, list_applied(conn))
    except MigrationChanged as error:
        return Finding("tables", "fail", str(error), "Restore the file and write a new migration.")
    except DatabaseNewer as error:
        return Finding("tables", "fail", str(error), "Install the newer version of Guanche.")
    if pending:
        names = ", ".join(migration.name for migration in pending)
        return Finding("tables", "fail", f"not yet migrated: {names}", "Run `guanche migrate`.")
    return Finding("tables", "ok", f"up to date, {len(migrations)} migrations")
