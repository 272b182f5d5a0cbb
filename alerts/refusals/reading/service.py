"""Tells who keeps the rules what could not be taken, as far as they may know it.

Refusals are of an organisation in sight; those of a kind of alerts that the actor does not see are
not there. What of the others is told: `sight.py`. Nobody acts on them: they are tried again by
themselves, and settled when they are over.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.sight import kinds_of
from alerts.refusals.errors import AlertRefusalNotFound
from alerts.refusals.reading import store
from alerts.refusals.reading.model import RefusalFound, ShownRefusal
from alerts.refusals.reading.sight import facts_shown, fault_of
from alerts.rules.kinds import KINDS
from schemas.access import Actor

__all__ = ["ShownRefusal", "get_refusal", "list_refusals"]

VERB: Final = "alert_rule.change"
"""Of who can do something about it: change the rule, or ask the operator."""


def list_refusals(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[ShownRefusal]:
    """Refusals in sight, the last refused first.

    `filters`: settled, what, source, reason, rule (its code), organisation (or below it), from_at,
    until_at (last refused). `after`: when the last one of the page before was refused last, and
    its id.
    """
    actor.require(VERB)
    kinds = kinds_of(actor.permissions)
    found = store.list_refusals(
        conn, filters, kinds=kinds, hidden=KINDS.keys() - kinds, after=after, limit=limit
    )
    return [_shown(actor, each) for each in found]


def get_refusal(conn: Connection[Any], actor: Actor, *, refusal_id: int) -> ShownRefusal:
    """One refusal.

    Raises:
        AlertRefusalNotFound: there is none in sight.
    """
    found = list_refusals(conn, actor, {"id": refusal_id}, limit=1)
    if not found:
        raise AlertRefusalNotFound(f"there is no refusal {refusal_id}", refusal_id=refusal_id)
    return found[0]


def _shown(actor: Actor, found: RefusalFound) -> ShownRefusal:
    same = ShownRefusal.__slots__
    told = {name: getattr(found, name) for name in same if name not in ("fault", "facts")}
    fault = fault_of(found.what, found.message)
    return ShownRefusal(**told, fault=fault, facts=facts_shown(actor, found.facts))
