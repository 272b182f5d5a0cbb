"""The worker: reads one sheet that was taken up, in a process of its own, and writes down what it
would do, or applies it.

The process is bounded in memory and time, and killed without harm: what it finds is written a batch
at a time, what it applies in one transaction, and only while the import is still its own (its
version stands still). Leaves out who starts it (`api/import_worker.py`) and what a row means.
"""

import resource
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import Connection

from fleet.audit import service as audit
from fleet.bulk.service import Asked
from fleet.sheets import service, store
from fleet.sheets.deciding import headers_told, plain, tell_repeated
from fleet.sheets.failures import (
    CHANGED_MEANWHILE,
    DAMAGED,
    DIED,
    NOT_STORABLE,
    TOO_MUCH_MEMORY,
    TOOK_TOO_LONG,
)
from fleet.sheets.grouping import batches, gathered
from fleet.sheets.headers import find_table
from fleet.sheets.importing import ImportKind, columns_missing
from fleet.sheets.imports import Claim, Counts, Import, RowFound
from fleet.sheets.kinds import import_kind
from fleet.sheets.naming import begin
from fleet.sheets.reading import open_sheet
from fleet.sheets.rows import parse_row
from kit import clock, db
from kit.errors import DomainError
from kit.files import FileChanged, FileMissing, open_files
from kit.log import configure_logging, get_logger
from kit.sealed import SealingKey
from kit.settings import Settings
from schemas.access import MACHINE_PERMISSIONS, Actor

__all__ = ["DIED", "TOOK_TOO_LONG", "work_alone"]
log = get_logger("imports")
GRACE_S: Final = 30
SILENT_AFTER: Final = timedelta(seconds=60)
"""A worker of which nothing was heard for this long is taken for dead."""
MOST_ATTEMPTS: Final = 2
"""So often a step of an import is taken up; whatever kills its worker twice will kill it again."""


class NotOursAnyMore(Exception):
    """Another worker has taken the import up; nothing of ours is written."""


class NoLongerFits(Exception):
    """All or nothing, and a row that was good is bad now."""


@dataclass(slots=True)
class Work:
    """An import in the hands of this process, with its connections and whom it acts as.

    `beside` tells how far it is while `conn` is in the midst of a transaction.
    """

    settings: Settings
    claim: Claim
    folder: Path
    conn: Connection[Any]
    beside: Connection[Any]
    found: Import
    kind: ImportKind
    actor: Actor
    key: SealingKey | None

    def asked(self, conn: Connection[Any]) -> Asked:
        """Asking now, as whoever sent the sheet."""
        return Asked(conn, self.actor, clock.now(), key=self.key)

    @contextmanager
    def turn(self) -> Iterator[Connection[Any]]:
        """One transaction for the organisation; rolled back where something is raised."""
        with self.conn.transaction():
            db.act_for(self.conn, [self.claim.organisation_id])
            yield self.conn

    def tell(self, rows_done: int, rows_total: int | None = None) -> None:
        """Say how far it is.

        Raises:
            NotOursAnyMore: to somebody else.
        """
        with self.beside.transaction():
            db.act_for(self.beside, [self.claim.organisation_id])
            if not store.mark_progress(
                self.beside, self.claim, rows_done=rows_done, rows_total=rows_total
            ):
                raise NotOursAnyMore

    def turned(self, state: str, **columns: Any) -> None:
        """Leave it in this state, in the transaction that is open.

        Raises:
            NotOursAnyMore: it is not left to us.
        """
        if not store.mark_turned(self.conn, self.claim, state=state, **columns):
            raise NotOursAnyMore


def work_alone(settings: Settings, claim: Claim) -> None:
    """What the process of its own does: bounds itself, then `run_import`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent is told, and ends it
    signal.alarm(settings.import_max_s + GRACE_S)  # should that parent be gone
    limit = settings.import_memory_bytes
    # What is written to, not what is reserved: a thread reserves 64 MB of addresses for nothing.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    run_import(settings, claim)


def run_import(settings: Settings, claim: Claim) -> None:
    """Look at the import that was taken up, or apply it. What is wrong with it is written down.

    Raises:
        psycopg.OperationalError: the database is gone; it may be taken up again.
    """
    assert settings.api_database_url is not None
    url = settings.api_database_url.get_secret_value()
    with (
        tempfile.TemporaryDirectory(prefix="guanche-import-") as folder,
        closing(db.connect(url, application_name="guanche import", autocommit=True)) as conn,
        closing(db.connect(url, application_name="guanche import", autocommit=True)) as beside,
    ):
        store.settle_session(conn)
        try:
            _run(_take(settings, claim, Path(folder), conn, beside))
        except NotOursAnyMore:
            log.warning("import_taken_away", key=str(claim.key))
        except FAILURES as error:
            _fail(conn, claim, problem_of(error))


def _take(
    settings: Settings,
    claim: Claim,
    folder: Path,
    conn: Connection[Any],
    beside: Connection[Any],
) -> Work:
    with conn.transaction():
        db.act_for(conn, [claim.organisation_id])
        found = store.find_import(conn, claim.key)
    if found is None or found.version != claim.version:
        raise NotOursAnyMore
    return Work(
        *(settings, claim, folder, conn, beside, found),
        kind=import_kind(found.kind),
        actor=sender_of(found),
        key=key_of(settings),
    )


def key_of(settings: Settings) -> SealingKey | None:
    """The installation's key, if it has one; a kind that needs it says so."""
    text = settings.secret_key
    return None if text is None else SealingKey.from_text(text.get_secret_value())


def sender_of(found: Import) -> Actor:
    """Whoever sent the import, with what they were allowed then, and nothing dangerous."""
    assert found.created_by is not None  # as it was sent, not as somebody sees it
    is_machine = found.created_by.startswith("key:")
    return Actor(
        "machine" if is_machine else "person",
        found.created_by,
        found.organisation_id,
        found.organisation_code,
        frozenset(found.permissions) & MACHINE_PERMISSIONS,
    )


def _run(work: Work) -> None:
    if work.found.state == "checking":
        _check(work)
        return
    try:
        _apply(work)
    except NoLongerFits:
        # What is there has changed since: tell what the sheet would do now, and do nothing.
        _check(work, problem=CHANGED_MEANWHILE)


def _check(work: Work, *, problem: dict[str, Any] | None = None) -> None:
    """Write down what each row would do."""
    sheet = _read(work)
    counts = Counts()
    for done, batch in batches(work.kind, sheet.rows, service.BATCH_ROWS):
        with work.turn() as conn:
            service.decide(work.asked(conn), work.kind, batch)
            store.save_rows(conn, work.found.id, work.found.tenant_id, batch)
        counts.add(batch)
        work.tell(done, len(sheet.rows))
    with work.turn():
        work.turned(
            "checked",
            problem=problem,
            headers=sheet.headers,
            sheet=sheet.headers["sheet"],
            rows_total=len(sheet.rows),
            rows_done=len(sheet.rows),
            **counts.columns(),
        )


def _apply(work: Work) -> None:
    """Decide on every row anew and write the good ones, in one transaction.

    Raises:
        NoLongerFits: all or nothing, and one is bad.
    """
    sheet = _read(work)
    counts = Counts()
    with work.turn() as conn:
        asked = work.asked(conn)
        store.lock_applying(conn, tenant_id=work.found.tenant_id, kind=work.kind.name)
        for done, batch in batches(work.kind, sheet.rows, service.BATCH_ROWS):
            service.decide(asked, work.kind, batch)
            if work.found.mode == "all_or_nothing" and any(row.outcome == "bad" for row in batch):
                raise NoLongerFits
            service.save(asked, work.kind, batch)
            store.save_rows(conn, work.found.id, work.found.tenant_id, batch)
            counts.add(batch)
            work.tell(done, len(sheet.rows))
            for row in batch:
                row.forget()
        audit.record(
            conn,
            work.actor,
            "import.apply",
            object_kind="import",
            object_key=str(work.found.key),
            now=asked.now,
            after={
                "kind": work.found.kind,
                "file": work.found.file_name,
                "sha256": work.found.sha256.hex(),
                "mode": work.found.mode,
                **counts.columns(),
            },
        )
        if work.kind.kind.is_personal:
            service.forget_sheet(conn, work.found, now=asked.now)
        work.turned(
            "applied",
            rows_total=len(sheet.rows),
            rows_done=len(sheet.rows),
            finished_at=clock.now(),
            **counts.columns(),
        )


@dataclass(slots=True)
class SheetRead:
    """All rows of a sheet, understood, and what is kept of its headings."""

    headers: dict[str, Any]
    rows: list[RowFound]


def _read(work: Work) -> SheetRead:
    """Read the whole sheet, as it was sent.

    Raises:
        SheetRefused: it is not one that is read.
        ImportColumnsMissing: a column without which no row means anything.
    """
    columns = work.kind.kind.columns
    barred = work.kind.barred(work.actor.may)
    with work.turn() as conn:
        path = service.open_sheet_file(
            conn, work.found, files=open_files(work.settings), folder=work.folder
        )
    rows: list[RowFound] = []
    with open_sheet(path, sheet=work.found.sheet) as sheet:
        headers, below = find_table(sheet.rows, columns)
        if headers.missing:
            raise columns_missing(work.kind, headers.missing)
        for row_no, values in below:
            parsed = parse_row(row_no, values, columns, headers, date_1904=sheet.date_1904)
            rows.append(begin(work.kind, parsed, barred))
            if len(rows) % service.BATCH_ROWS == 0:
                work.tell(len(rows))
        told = headers_told(headers, left_out=barred, sheet=sheet.name, sheets=sheet.names)
    for _, batch in batches(work.kind, rows, service.BATCH_ROWS):
        with work.turn() as conn:
            service.make_sense(work.asked(conn), work.kind, batch)
    tell_repeated(work.kind, rows)
    return SheetRead(told, gathered(work.kind, rows))


# What may be wrong with the whole


FAILURES: Final = (
    *(DomainError, FileMissing, FileChanged, MemoryError),
    *(psycopg.IntegrityError, psycopg.DataError, psycopg.errors.InsufficientPrivilege),
)
"""What another try would not mend."""


def problem_of(error: BaseException) -> dict[str, Any]:
    """Why the import failed, as it is kept; never the words of the database, which quote rows."""
    if isinstance(error, DomainError):
        facts = {name: plain(fact) for name, fact in error.facts.items() if name != "told_zh"}
        told_zh = error.facts.get("told_zh")
        return {"code": error.code, "en": error.message, "zh": told_zh, "facts": facts}
    if isinstance(error, MemoryError):
        return TOO_MUCH_MEMORY
    if isinstance(error, FileMissing | FileChanged):
        return DAMAGED
    if isinstance(error, psycopg.Error):
        log.error(
            "import_not_storable",
            error=type(error).__name__,
            constraint=error.diag.constraint_name,
        )
    return NOT_STORABLE


def _fail(conn: Connection[Any], claim: Claim, problem: dict[str, Any]) -> None:
    with conn.transaction():
        end_failed(conn, claim, problem)


# What whoever started the worker does; each within a transaction


def claim_next(conn: Connection[Any]) -> Claim | None:
    """Take up the oldest import that waits, or whose worker went silent; of whatever tenant."""
    now = clock.now()
    return store.next_import(conn, now=now, until=now + SILENT_AFTER)


def hold(conn: Connection[Any], claim: Claim) -> None:
    """Say that the worker is still at it."""
    db.act_for(conn, [claim.organisation_id])
    store.mark_held(conn, claim, until=clock.now() + SILENT_AFTER)


def give_back(conn: Connection[Any], claim: Claim, *, counts: bool = True) -> None:
    """Let it be taken up anew: its worker has ended in the midst of it.

    `counts`: it was the worker's own end; a restart of the API is no attempt.
    """
    db.act_for(conn, [claim.organisation_id])
    store.mark_given_back(conn, claim, attempts=claim.attempts - (0 if counts else 1))


def end_failed(conn: Connection[Any], claim: Claim, problem: dict[str, Any]) -> None:
    """Write down that it failed, unless it is another's by now."""
    db.act_for(conn, [claim.organisation_id])
    store.mark_turned(conn, claim, state="failed", problem=problem, finished_at=clock.now())
