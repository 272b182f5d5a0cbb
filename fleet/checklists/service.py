"""Publishes checklists, edition by edition, and gives work the latest one.

A checklist binds a whole tenant: its head publishes it. An edition never changes; work keeps the
one it began with. Leaves out what was found in a check: `fleet/service`, and hand-over records.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.checklists import store
from fleet.checklists.defaults import DEFAULT_CHECKLISTS
from fleet.checklists.errors import ChecklistNotFound, ChecklistNotYours, ChecklistUnknown
from fleet.checklists.model import (
    CHECKLIST_KINDS,
    Checklist,
    ChecklistDraft,
    ChecklistKind,
    Step,
)
from fleet.orgs import service as orgs
from schemas.access import Actor
from schemas.addresses import check_not_reserved

__all__ = [
    "CHECKLIST_KINDS",
    "Checklist",
    "ChecklistDraft",
    "ChecklistKind",
    "DEFAULT_CHECKLISTS",
    "Step",
    "edition_by_id",
    "get_checklist",
    "latest_for",
    "latest_of_kind",
    "list_checklists",
    "publish_checklist",
]

MOST_OF_A_KIND: Final = 50


def publish_checklist(
    conn: Connection[Any],
    actor: Actor,
    *,
    draft: ChecklistDraft,
    head_code: str | None = None,
    now: datetime,
) -> Checklist:
    """The next edition of the checklist, of the actor's tenant; of `head_code`'s, if the system
    asks.

    Raises:
        ChecklistNotYours: the actor does not act for the head of the tenant.
        ChecklistCodeMalformed, CodeReserved: the code cannot be used.
        ChecklistPublishedMeanwhile: somebody else was faster.
    """
    actor.require("plan.change")
    head = orgs.get_organisation(conn, actor, code=head_code or actor.organisation_code or "")
    if head.id != head.tenant_id:
        raise ChecklistNotYours("the head of the tenant publishes its checklists")
    steps = [
        {"no": no, "text": text, "photo": photo} for no, (text, photo) in enumerate(draft.steps, 1)
    ]
    published = store.insert_checklist(
        conn,
        {
            "tenant_id": head.tenant_id,
            "code": draft.code,
            "kind": draft.kind,
            "title": draft.title,
            "steps": steps,
            "published_by": actor.name,
            "published_at": now,
        },
    )
    if published.edition == 1:
        check_not_reserved(draft.code)
    audit.record(
        conn,
        actor,
        "checklist.publish",
        object_kind="checklist",
        object_key=published.code,
        now=now,
        after={"edition": published.edition, "title": published.title, "steps": len(steps)},
        organisation_id=head.tenant_id,
    )
    return published


def list_checklists(
    conn: Connection[Any],
    actor: Actor,
    *,
    kind: ChecklistKind | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Checklist]:
    """The latest edition of every checklist of the tenant by code, those after `after`."""
    actor.require("work_order.read")
    given: Mapping[str, Any] = {"kind": kind, "after": after}
    filters = {name: wanted for name, wanted in given.items() if wanted is not None}
    return store.list_checklists(conn, filters, limit=limit)


def get_checklist(conn: Connection[Any], actor: Actor, *, code: str) -> list[Checklist]:
    """Every edition of the checklist, the latest first.

    Raises:
        ChecklistNotFound: the tenant has none with this code.
    """
    actor.require("work_order.read")
    editions = store.list_editions(conn, code)
    if not editions:
        raise ChecklistNotFound(f"no checklist has the code {code!r}", checklist=code[:64])
    return editions


def latest_for(
    conn: Connection[Any], *, tenant_id: int, code: str, kind: ChecklistKind
) -> Checklist:
    """The latest edition of the tenant's checklist for this kind of work. Whoever calls decides
    who may ask.

    Raises:
        ChecklistUnknown: there is none, or it is for another kind of work.
    """
    filters = {"tenant_id": tenant_id, "code": code, "kind": kind}
    found = store.list_checklists(conn, filters, limit=1)
    if not found:
        raise ChecklistUnknown(f"no checklist for {kind} has the code {code!r}", checklist=code)
    return found[0]


def latest_of_kind(
    conn: Connection[Any], *, tenant_id: int, kind: ChecklistKind
) -> list[Checklist]:
    """The latest edition of every checklist of the tenant for this kind of work, by code. Whoever
    calls decides who may ask.
    """
    return store.list_checklists(conn, {"tenant_id": tenant_id, "kind": kind}, limit=MOST_OF_A_KIND)


def edition_by_id(conn: Connection[Any], checklist_id: int) -> Checklist | None:
    """The edition some work began with. Whoever calls decides who may ask."""
    return store.find_checklist(conn, checklist_id)
