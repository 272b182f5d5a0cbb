"""Takes notices on: how they were sent and arrived, and what was withdrawn; tells of them.

A notice works when it arrives (民法典 §565, §137): its time runs from then, and the limitation
period of its bill begins anew. What arrived stays. Leaves out what is made (`making`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents import service as documents
from fleet.dunning import store
from fleet.dunning.errors import (
    DeliveryArrivalMissing,
    DeliveryDocumentUnknown,
    DeliveryProofMissing,
    DeliveryTimesWrong,
    NoticeNotFound,
    NoticeOver,
)
from fleet.dunning.ladder import deadline_from
from fleet.dunning.limitation import limitation_on
from fleet.dunning.model import (
    FORMAL,
    SETTLED,
    Channel,
    Listed,
    Notice,
    NoticeDetail,
    NoticeState,
    Result,
)
from fleet.dunning.rest_days import last_day_of
from fleet.local_days import local_day
from fleet.money_figures import RestDays
from fleet.parameters import service as parameters
from kit.errors import VersionChanged
from kit.files import FileStore
from schemas.access import Actor

__all__ = ["add_proof", "get_notice", "list_notices", "record_delivery", "withdraw_notice"]

SUBJECT: documents.SubjectKind = "notice"


def list_notices(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Notices in sight, the last made first.

    `filters`: state, kind, stage, bill, lease, customer (their numbers), settled, organisation (or
    below it), search.
    """
    actor.require("dunning.read")
    rows = store.list_notices(conn, filters, after=after, limit=limit)
    return [_tell(row) for row in rows]


def get_notice(conn: Connection[Any], actor: Actor, *, notice_no: str) -> NoticeDetail:
    """The notice with its text and each delivery.

    Raises:
        NoticeNotFound: there is none in sight.
    """
    actor.require("dunning.read")
    return _detail(conn, _get(conn, notice_no))


def record_delivery(
    conn: Connection[Any],
    actor: Actor,
    *,
    notice_no: str,
    channel: Channel,
    result: Result,
    sent_at: datetime | None = None,
    arrived_at: datetime | None = None,
    proof: str | None = None,
    document_key: UUID | None = None,
    note: str | None = None,
    now: datetime,
) -> NoticeDetail:
    """An attempt to have a notice arrive, and what came of it; sent now unless said.

    The first arrival counts: from its day on the time runs that the notice sets. A demand, or what
    follows one, has arrived only with a proof: a number, who signed, a file of the notice.

    Raises:
        NoticeNotFound: there is none in sight.
        NoticeOver: it was withdrawn.
        DeliveryTimesWrong: before it was made, out of order, or in days to come.
        DeliveryArrivalMissing, DeliveryProofMissing: an arrival lacks its time or its proof.
        DocumentNotFound, DeliveryDocumentUnknown: the file is none of this notice.
    """
    actor.require("dunning.record")
    store.lock_notice(conn, notice_no)
    was = _get(conn, notice_no)
    if was.state == "withdrawn":
        raise NoticeOver(f"{notice_no} was withdrawn", notice_no=notice_no, state=was.state)
    sent_at = sent_at or arrived_at or now
    _check_times(was, sent_at, arrived_at, now)
    if (result == "arrived") != (arrived_at is not None):
        raise DeliveryArrivalMissing("what arrived says when, and nothing else does")
    if document_key is not None:
        _check_document(conn, actor, was, document_key)
    if was.kind in FORMAL and result == "arrived" and proof is None and document_key is None:
        raise DeliveryProofMissing("say by what it is proved that it arrived")
    row = {
        "tenant_id": was.tenant_id,
        "organisation_id": was.organisation_id,
        "notice_id": was.id,
        "channel": channel,
        "sent_at": sent_at,
        "arrived_at": arrived_at,
        "result": result,
        "proof": proof,
        "document_key": document_key,
        "note": note,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    store.insert_delivery(conn, row)
    _take_on(conn, was, result, arrived_at)
    told: dict[str, Any] = {"channel": channel, "result": result, "sent_at": sent_at.isoformat()}
    told |= {"arrived_at": None if arrived_at is None else arrived_at.isoformat()}
    _record(conn, actor, "dunning.deliver", was, now=now, after=told)
    return _detail(conn, _get(conn, notice_no))


def withdraw_notice(
    conn: Connection[Any],
    actor: Actor,
    *,
    notice_no: str,
    version: int,
    note: str,
    now: datetime,
) -> NoticeDetail:
    """The notice is not pursued, for a reason; it is not made again but by hand.

    Raises:
        NoticeNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        NoticeOver: it was withdrawn before, or it arrived.
    """
    actor.require("dunning.record")
    store.lock_notice(conn, notice_no)
    was = _get(conn, notice_no)
    if was.version != version:
        raise VersionChanged(f"the notice is at version {was.version}", notice_no=notice_no)
    if was.state in ("withdrawn", "arrived"):
        raise NoticeOver(f"{notice_no} is {was.state}", notice_no=notice_no, state=was.state)
    reason = f"{note}。" if note == SETTLED else note  # the job's own word is the job's
    _mark(conn, was, "withdrawn", state_note=reason)
    _record(
        conn,
        actor,
        "dunning.withdraw",
        was,
        now=now,
        before={"state": was.state},
        after={"state": "withdrawn", "note": note},
    )
    return _detail(conn, _get(conn, notice_no))


def add_proof(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    notice_no: str,
    kind: documents.DocumentKind,
    name: str,
    content: bytes,
    now: datetime,
) -> documents.Document:
    """A file that proves how a notice arrived; a delivery names it by its key.

    Raises:
        NoticeNotFound: there is none in sight.
        DocumentTypeRefused, FilesUnavailable: it cannot be kept.
    """
    actor.require("dunning.record")
    found = _get(conn, notice_no)
    kept = documents.keep_file(
        conn,
        actor,
        files=files,
        organisation_id=found.organisation_id,
        tenant_id=found.tenant_id,
        content=content,
        name=name,
        subject_kind=SUBJECT,
        subject_key=notice_no,
        kind=kind,
        now=now,
    )
    told = {"document": str(kept.key), "sha256": kept.sha256.hex()}
    _record(conn, actor, "dunning.prove", found, now=now, after=told)
    return kept


def _check_times(
    was: Notice, sent_at: datetime, arrived_at: datetime | None, now: datetime
) -> None:
    latest = sent_at if arrived_at is None else arrived_at
    if sent_at < was.made_at or sent_at > latest or latest > now:
        raise DeliveryTimesWrong(
            f"made at {was.made_at.isoformat()}, sent, arrived, and now {now.isoformat()}",
            made_at=was.made_at.isoformat(),
        )


def _check_document(conn: Connection[Any], actor: Actor, was: Notice, key: UUID) -> None:
    found = documents.get_document(conn, actor, key=key)
    if (found.subject_kind, found.subject_key) != (SUBJECT, was.notice_no):
        raise DeliveryDocumentUnknown(f"{key} is no file of {was.notice_no}", document=str(key))


def _take_on(
    conn: Connection[Any], was: Notice, result: Result, arrived_at: datetime | None
) -> None:
    if was.state == "arrived" or result == "failed":
        return
    if arrived_at is None:
        if was.state == "made":
            _mark(conn, was, "sent")
        return
    days = store.find_content(conn, was.id)["facts"]["deadline_days"]
    deadline_on = None
    if days is not None:
        over_on = deadline_from(local_day(arrived_at, was.zone), int(days))
        figures = partial(parameters.figures, conn, RestDays, tenant_id=was.tenant_id)
        deadline_on = last_day_of(over_on, lambda on: figures(on=on))
    _mark(conn, was, "arrived", arrived_at=arrived_at, deadline_on=deadline_on)


def _mark(
    conn: Connection[Any],
    was: Notice,
    state: NoticeState,
    *,
    state_note: str | None = None,
    arrived_at: datetime | None = None,
    deadline_on: date | None = None,
) -> None:
    row = {"id": was.id, "state": state, "state_note": state_note}
    store.mark_state(conn, row | {"arrived_at": arrived_at, "deadline_on": deadline_on})


def _get(conn: Connection[Any], notice_no: str) -> Notice:
    found = store.find_notice(conn, notice_no)
    if found is None:
        raise NoticeNotFound(f"no notice has the number {notice_no!r}", notice_no=notice_no[:40])
    return found


def _tell(row: Notice) -> Listed:
    return Listed(row, limitation_on(row.bill_due_on, row.demanded_on))


def _detail(conn: Connection[Any], row: Notice) -> NoticeDetail:
    content = store.find_content(conn, row.id)
    return NoticeDetail(_tell(row), content, store.list_deliveries(conn, row.id))


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    notice: Notice,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="notice",
        object_key=notice.notice_no,
        now=now,
        before=before,
        after=after,
        organisation_id=notice.tenant_id,
    )
