"""Silences alerts for a while: planned work, a known fault. It mutes telling, and nothing else.

A silence is of an organisation and all below it. Leaves out the muting (`alerts/notify`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.inbox.errors import (
    AlertKindUnknown,
    SilenceNamesUnknown,
    SilenceNotFound,
    SilenceOver,
    SilencePeriodWrong,
)
from alerts.inbox.silences import store
from alerts.inbox.silences.model import Matching, Silence, may_last
from alerts.rules.kinds import KINDS
from alerts.rules.service import Acted, organisation_of, rules_of
from kit.errors import VersionChanged
from schemas import audit
from schemas.access import Actor

MOST_NAMED: Final = 10
"""Names that a refusal tells."""
__all__ = ["Matching", "Silence", "end_silence", "list_silences", "silence"]


def list_silences(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: int | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Silence]:
    """Silences in sight, the last made first. `filters`: organisation (or below it), over."""
    actor.require("alert.read")
    return store.list_silences(conn, {**filters, "now": now}, after=after, limit=limit)


def silence(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    reason: str,
    matching: Matching,
    from_at: datetime | None = None,
    until_at: datetime,
    now: datetime,
) -> Silence:
    """Tell nobody of what matches, from now or then on, until then.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        SilencePeriodWrong: it ends before it begins or has ended, or lasts too long.
        AlertKindUnknown: there is no such kind.
        SilenceNamesUnknown: there is no such rule for it or below, or no such vehicle in sight.
    """
    actor.require("alert.silence")
    acted = organisation_of(conn, actor, organisation)
    begins_at = from_at or now
    if not may_last(begins_at, until_at, now):
        raise SilencePeriodWrong("a silence ends later than now, within 90 days of its beginning")
    for kind in matching.kinds:
        if kind not in KINDS:
            raise AlertKindUnknown(f"no kind of alert is {kind!r}", kind=kind)
    _check_names(conn, actor, acted, matching)
    row = {
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "reason": reason,
        "matching": Jsonb(matching.stored()),
        "from_at": begins_at,
        "until_at": until_at,
        "by": actor.name,
        "now": now,
    }
    made = _get(conn, store.insert_silence(conn, row))
    told = {"matching": matching.stored(), "until_at": until_at.isoformat()}
    _record(conn, actor, "alert.silence", made, now=now, after=told)
    return made


def end_silence(
    conn: Connection[Any], actor: Actor, *, key: UUID, version: int, now: datetime
) -> Silence:
    """It is over from now on.

    Raises:
        SilenceNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        SilenceOver: it has ended.
    """
    actor.require("alert.silence")
    store.lock_silence(conn, key)
    was = _get(conn, key)
    if was.version != version:
        raise VersionChanged(f"the silence is at version {was.version}", key=str(key))
    if was.stand(now) == "over":
        raise SilenceOver("the silence has ended", key=str(key))
    store.mark_ended(conn, {"id": was.id, "now": now, "by": actor.name})
    before = {"until_at": was.until_at.isoformat()}
    _record(conn, actor, "alert.end_silence", was, now=now, before=before, after={})
    return _get(conn, key)


def _check_names(conn: Connection[Any], actor: Actor, acted: Acted, matching: Matching) -> None:
    """Let pass what can match something."""
    unknown = sorted(set(matching.rules))
    if unknown:
        held = {rule.code for rule in rules_of(conn, actor, organisation=acted.code)}
        held |= store.list_codes_below(conn, acted.id, unknown)
        unknown = [code for code in unknown if code not in held]
    if matching.vins:
        unknown += sorted(set(matching.vins) - store.list_known_vins(conn, matching.vins))
    if unknown:
        told = ", ".join(unknown[:MOST_NAMED])
        raise SilenceNamesUnknown(f"there is no {told}", names=unknown[:MOST_NAMED])


def _get(conn: Connection[Any], key: UUID) -> Silence:
    found = store.list_silences(conn, {"key": key}, limit=1)
    if not found:
        raise SilenceNotFound(f"no silence has the key {key}", key=str(key))
    return found[0]


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    made: Silence,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="alert_silence",
        object_key=str(made.key),
        now=now,
        before=before,
        after=after,
        organisation_id=made.tenant_id,
    )
