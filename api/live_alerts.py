"""Alerts in the live feed: what changed since a moment, and what of it a reader is told.

A reader is told of the alerts of its organisation and below, of the kinds it may see. Facts are not
told, so that no place is; who wants them asks for the alert. Who was away while very many changed
begins anew: all alerts of years are not held for one reader. Leaves out the looking and its pace
(`live_poller.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import AlertChange, LiveAlert
from fleet.live.snapshots import Position, earliest

MOST_MISSED: Final = 10_000
"""Alerts that changed while a reader was away, of which it can still be told."""


@dataclass(frozen=True, slots=True)
class AlertNews:
    """Alerts that changed, by the organisations that see them."""

    by_organisation: Mapping[int, list[AlertChange]] = field(default_factory=dict)

    def share(
        self, organisation_id: int, kinds: frozenset[str], since: Position | None
    ) -> list[LiveAlert]:
        """What a reader is told who has been told all up to `since`; nothing where it is None."""
        if since is None or not kinds:
            return []
        return [
            change.alert_for(organisation_id)
            for change in self.by_organisation.get(organisation_id, ())
            if change.alert.kind in kinds and not since.has_seen(change.changed_in)
        ]


def news_of(changes: Iterable[AlertChange]) -> AlertNews:
    """The changes as readers are told them."""
    seen: defaultdict[int, list[AlertChange]] = defaultdict(list)
    for change in changes:
        for organisation_id in change.seen_by:
            seen[organisation_id].append(change)
    return AlertNews(seen)


def too_far(conn: Connection[Any], since: Collection[Position]) -> frozenset[Position]:
    """Moments since when too many alerts have changed for a reader to go on from there.

    In the transaction that acts for the organisations that are followed.
    """
    if not since:
        return frozenset()
    first = min(each.xmin for each in since)
    far = inbox.find_far_change(conn, xmin=first, most=MOST_MISSED)
    return frozenset(each for each in since if far is not None and each.xmin <= far)


def look(
    conn: Connection[Any], since: Collection[Position], now: Position, followed: Collection[int]
) -> AlertNews:
    """What is new to readers of these organisations who have been told all up to these moments.

    In the transaction that looked for states, so that both are as of one moment, `now`.
    """
    behind = [each for each in since if each != now]
    if not behind or not followed:
        return AlertNews()
    first = earliest(behind)
    changes = inbox.list_changed(
        conn,
        xmin=first.xmin,
        xmax=first.xmax,
        running=first.running,
        organisation_ids=followed,
    )
    return news_of(changes)
