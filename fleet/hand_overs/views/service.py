"""Tells hand-overs, each with all that belongs to it, and keeps their photos.

Exact positions are told to who may see where vehicles are, and that is noted; others are told them
roughly. Photos are business of the organisation: they never go along with the vehicle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.charges import service as charges
from fleet.checklists import service as checklists
from fleet.documents import service as documents
from fleet.hand_overs import store
from fleet.hand_overs.completeness import photos_missing
from fleet.hand_overs.differences import Told
from fleet.hand_overs.errors import HandOverNotFound
from fleet.hand_overs.model import HandOver, HandOverDetail, StepAsked
from fleet.registry import service as registry
from fleet.usage import service as usage
from kit.files import FileStore
from schemas.access import Actor

SUBJECT: Final = "hand_over"
MOST_PHOTOS: Final = 200


def list_hand_overs(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[HandOver]:
    """Hand-overs in sight, the latest first.

    `filters`: lease (its number), customer (its number), vin, direction, occasion, organisation (or
    below it), from_at, until_at, differing (what was typed differs from what was told), overridden,
    search.
    """
    actor.require("hand_over.read")
    found = store.list_hand_overs(conn, filters, after=after, limit=limit)
    return _shown(conn, actor, found, now=now)


def get_hand_over(
    conn: Connection[Any], actor: Actor, *, key: UUID, now: datetime
) -> HandOverDetail:
    """The hand-over with all that belongs to it, as far as the actor may see that.

    Raises:
        HandOverNotFound: there is none in sight.
    """
    actor.require("hand_over.read")
    [found] = _shown(conn, actor, [_get(conn, key)], now=now)
    steps: list[StepAsked] = []
    if found.checklist_id is not None:
        edition = checklists.edition_by_id(conn, found.checklist_id)
        steps = [StepAsked(s.no, s.text, s.photo) for s in (edition.steps if edition else ())]
    photos = None
    if actor.may("document.read"):
        kept = documents.list_documents(
            conn,
            actor,
            vin=found.vin,
            kind="photo",
            subject_kind=SUBJECT,
            subject_key=str(key),
            limit=MOST_PHOTOS,
        )
        photos = len(kept)
    of_it = None
    if actor.may("charge.read"):
        of_it = charges.list_of_source(conn, source_kind="hand_over", source_key=str(key))
    return HandOverDetail(
        hand_over=found,
        steps=steps,
        checks=store.list_checks(conn, found.id),
        findings=store.list_findings(conn, found.id),
        charges=of_it,
        photos=photos,
        photos_missing=photos is not None and photos_missing(steps, photos),
    )


def add_photo(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    key: UUID,
    kind: documents.DocumentKind,
    name: str,
    content: bytes,
    now: datetime,
) -> documents.Document:
    """A photo or a paper of a hand-over. The same once more is the one that is there.

    Raises:
        HandOverNotFound: there is none in sight.
        DocumentTooLarge, DocumentTypeRefused, FilesUnavailable: it cannot be kept.
    """
    actor.require("hand_over.record")
    found = _get(conn, key)
    return documents.add_file(
        conn,
        actor,
        files=files,
        vehicle=registry.get_vehicle(conn, actor, vin=found.vin),
        organisation_id=found.organisation_id,
        kind=kind,
        name=name,
        content=content,
        subject_kind=SUBJECT,
        subject_key=str(key),
        now=now,
    )


def list_photos(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[documents.Document]:
    """The photos and papers of a hand-over, the latest first.

    Raises:
        HandOverNotFound: there is none in sight.
    """
    actor.require("hand_over.read")
    found = _get(conn, key)
    return documents.list_documents(
        conn,
        actor,
        vin=found.vin,
        subject_kind=SUBJECT,
        subject_key=str(key),
        after=after,
        limit=limit,
    )


def _get(conn: Connection[Any], key: UUID) -> HandOver:
    found = store.find_hand_over(conn, key)
    if found is None:
        raise HandOverNotFound(f"there is no hand-over {key}", key=str(key))
    return found


def _shown(
    conn: Connection[Any], actor: Actor, found: Sequence[HandOver], *, now: datetime
) -> list[HandOver]:
    """As the actor may see where they were."""
    if any(each.lat is not None or _tells_place(each.told) for each in found):
        usage.note_locations(conn, actor, now)
    return [_masked(actor, each) for each in found]


def _tells_place(told: Told | None) -> bool:
    return told is not None and told.readings.lat is not None


def _masked(actor: Actor, each: HandOver) -> HandOver:
    lat, lon = usage.position_shown_to(actor, each.lat, each.lon)
    told = each.told
    if told is not None:
        place = usage.position_shown_to(actor, told.readings.lat, told.readings.lon)
        told = replace(told, readings=replace(told.readings, lat=place[0], lon=place[1]))
    return replace(each, lat=lat, lon=lon, told=told)
