"""Finds what has changed of the vehicles' states since a moment, for many readers at once.

Decides what a reader may see when it comes, and that exact places are written down in the audit
trail. Leaves out how often one looks and how readers are told: `api/live*.py`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.live import shares, store
from fleet.live.model import Arrival, Change, Look, Sight
from fleet.live.snapshots import EVERYTHING, Position, can_resume, earliest, window
from schemas.access import Actor

AUDITED_EVERY: Final = timedelta(hours=1)


def sight_of(actor: Actor) -> Sight:
    """What the actor may follow.

    Raises:
        PermissionMissing: nothing.
    """
    actor.require("vehicle.read")
    if actor.organisation_id is None:
        raise ValueError("the system follows nothing: a reader belongs to an organisation")
    return Sight(actor.organisation_id, exact=actor.may("location.read"))


def open_feed(conn: Connection[Any], actor: Actor, *, now: datetime) -> Sight:
    """What the actor may follow; that it sees exact places is recorded, at most once an hour.

    Raises:
        PermissionMissing: it may follow nothing.
    """
    sight = sight_of(actor)
    if sight.exact:
        audit.record_once(
            conn,
            actor,
            "location.read",
            object_kind="fleet",
            object_key=actor.organisation_code or "",
            now=now,
            within=AUDITED_EVERY,
        )
    return sight


def look(
    conn: Connection[Any],
    *,
    since: Position | None,
    sights: Collection[Sight],
    arrivals: Collection[Arrival],
) -> Look:
    """What is new since the last look to who sees this, and what arrivals have to be told.

    On behalf of readers whose `sight_of` was asked. Run in one REPEATABLE READ transaction that
    acts for their organisations: then everything is as of one moment, and no change is told twice.
    """
    now = store.get_position(conn)
    lost = since is not None and not can_resume(since, now)
    changes: list[Change] = []
    if sights and since is not None and since != now and not lost:
        followed = {sight.organisation_id for sight in sights}
        changes = store.list_changed(conn, window(since, now), followed)
    return Look(now, lost, changes, _states_of_arrivals(conn, arrivals, now))


def _states_of_arrivals(
    conn: Connection[Any], arrivals: Collection[Arrival], now: Position
) -> list[Change]:
    """In at most two statements, however many come at once, as after a restart of a process."""
    resumed = [each for each in arrivals if shares.resumes(each, now)]
    whole = [each for each in arrivals if each.everything and not shares.resumes(each, now)]
    of_whole = {each.sight.organisation_id for each in whole}
    of_resumed = {each.sight.organisation_id for each in resumed} - of_whole
    found: list[Change] = []
    if of_whole:
        found += store.list_changed(conn, EVERYTHING, of_whole)
    if of_resumed:
        since = earliest([each.since for each in resumed if each.since is not None])
        found += store.list_changed(conn, window(since, now), of_resumed)
    return found
