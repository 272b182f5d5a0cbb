"""Publishes the texts of contracts, edition by edition, and gives a contract the latest one.

A text binds a whole tenant: its head publishes it. An edition never changes; a contract keeps the
one it was made of.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.contracts import store
from fleet.contracts.defaults import DEFAULT_CODES, DEFAULT_TEMPLATES
from fleet.contracts.errors import TemplateNotFound, TemplateNotYours, TemplateUnknown
from fleet.contracts.model import LeaseKind, Template, TemplateDraft
from fleet.contracts.template_rules import check_draft, sha256_of
from fleet.orgs import service as orgs
from schemas.access import Actor
from schemas.addresses import RESERVED, check_not_reserved


def publish_template(
    conn: Connection[Any],
    actor: Actor,
    *,
    draft: TemplateDraft,
    head_code: str | None = None,
    now: datetime,
) -> Template:
    """The next edition of the text, of the actor's tenant; of `head_code`'s, if the system asks.

    Raises:
        TemplateNotYours: the actor does not act for the head of the tenant.
        TemplateMalformed, PlaceholderUnknown, ConcernMissing, ClauseNotHighlighted: the clauses
            cannot be used.
        CodeReserved: the code is a word of the addresses.
        TemplatePublishedMeanwhile: somebody else was faster.
    """
    actor.require("contract.publish")
    tenant_id = _tenant_of_head(conn, actor, head_code)
    if draft.code in RESERVED and not store.list_template_editions(conn, draft.code):
        check_not_reserved(draft.code)
    check_draft(draft)
    published = store.insert_template(
        conn,
        {
            "tenant_id": tenant_id,
            "code": draft.code,
            "lease_kind": draft.lease_kind,
            "title": draft.title,
            "clauses": draft.clauses,
            "sha256": sha256_of(draft.title, draft.clauses),
            "published_by": actor.name,
            "published_at": now,
        },
    )
    audit.record(
        conn,
        actor,
        "contract_template.publish",
        object_kind="contract_template",
        object_key=published.code,
        now=now,
        after={
            "edition": published.edition,
            "title": published.title,
            "clauses": len(published.clauses),
            "sha256": published.sha256.hex(),
        },
        organisation_id=tenant_id,
    )
    return published


def publish_samples(
    conn: Connection[Any], actor: Actor, *, head_code: str | None = None, now: datetime
) -> list[Template]:
    """The sample texts that the tenant has no edition of, published; for its lawyer to check.

    Raises:
        TemplateNotYours: the actor does not act for the head of the tenant.
    """
    actor.require("contract.publish")
    tenant_id = _tenant_of_head(conn, actor, head_code)
    there = {one.code for one in store.list_templates(conn, {"tenant_id": tenant_id}, limit=1_000)}
    return [
        publish_template(conn, actor, draft=draft, head_code=head_code, now=now)
        for draft in DEFAULT_TEMPLATES
        if draft.code not in there
    ]


def list_templates(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_kind: LeaseKind | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Template]:
    """The latest edition of every text of the tenant by code, those after `after`."""
    actor.require("contract.read")
    given: Mapping[str, Any] = {"lease_kind": lease_kind, "after": after}
    filters = {name: wanted for name, wanted in given.items() if wanted is not None}
    return store.list_templates(conn, filters, limit=limit)


def get_template(conn: Connection[Any], actor: Actor, *, code: str) -> list[Template]:
    """Every edition of the text, the latest first.

    Raises:
        TemplateNotFound: the tenant has none with this code.
    """
    actor.require("contract.read")
    editions = store.list_template_editions(conn, code)
    if not editions:
        raise TemplateNotFound(f"no contract text has the code {code!r}", template=code[:64])
    return editions


def text_for(
    conn: Connection[Any], *, tenant_id: int, lease_kind: LeaseKind, code: str | None
) -> Template:
    """The latest edition of the text named, or of the one for this kind of lease.

    Raises:
        TemplateUnknown: the tenant has none for such leases.
    """
    wanted = code or DEFAULT_CODES[lease_kind]
    filters = {"tenant_id": tenant_id, "code": wanted, "lease_kind": lease_kind}
    found = store.list_templates(conn, filters, limit=1)
    if not found:
        raise TemplateUnknown(
            f"no contract text for leases of kind {lease_kind} has the code {wanted!r}:"
            " the head of the tenant publishes one",
            template=wanted,
            lease_kind=lease_kind,
        )
    return found[0]


def _tenant_of_head(conn: Connection[Any], actor: Actor, head_code: str | None) -> int:
    """The tenant for whose head the actor acts.

    Raises:
        TemplateNotYours: they do not.
    """
    head = orgs.get_organisation(conn, actor, code=head_code or actor.organisation_code or "")
    if head.id != head.tenant_id:
        raise TemplateNotYours("the head of the tenant publishes the texts of its contracts")
    return head.tenant_id
