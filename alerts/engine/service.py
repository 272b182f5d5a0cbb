"""Judges telemetry as it is committed: batches in, findings to the inbox, a place to begin anew at.

Decides when facts are read again, what is done when a rule cannot be judged, and what holds after
a failed transaction: nothing that was not committed. What the inbox cannot take is refused
(`alerts.refusals`). Leaves out who may act (`alerts.scheduling`) and what a rule looks for
(`alerts.detectors`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from psycopg import Connection

from alerts.detectors.frames import LATEST
from alerts.detectors.memory import FORMAT, Memory, MemoryUnreadable
from alerts.engine import store
from alerts.engine.counting import Seen, Uncommitted, age_s, size_of
from alerts.engine.facts import WATCHED, Facts, make_facts, take_rules
from alerts.engine.findings import Said, by_key, to_us
from alerts.engine.follower import MOST_SAMPLES, count_missed, read_on
from alerts.engine.frames import drop_history
from alerts.engine.judging import Judging
from alerts.engine.metrics import EngineMetrics
from alerts.engine.noting import RuleNotes
from alerts.engine.passes import FACTS_EVERY, passes, read_lettings
from alerts.engine.reconciling import reconcile, remember
from alerts.inbox.service import Applied
from alerts.refusals.jobs import apply_all
from alerts.rules.book import RuleBook
from kit import clock
from kit.log import get_logger
from kit.settings import Settings

__all__ = ["CycleDone", "Engine", "EngineMetrics", "TickDone"]

log = get_logger(__name__)

READER: Final = "alerts"
TICK_BEHIND: Final = timedelta(seconds=30)
"""An engine that is further behind has to catch up before it may say what silence means."""


@dataclass(frozen=True, slots=True)
class CycleDone:
    """What one cycle did. `late` samples were history; `lag_s`: age of the oldest batch it left."""

    batches: int = 0
    samples: int = 0
    late: int = 0
    raised: int = 0
    cleared: int = 0
    lag_s: float = 0.0
    more: bool = False
    """Whether batches wait that may be read at once."""


@dataclass(frozen=True, slots=True)
class TickDone:
    """What time alone brought about."""

    raised: int = 0
    cleared: int = 0


@dataclass(slots=True)
class _Place:
    """How far was read, what is remembered, and when that was written down last."""

    batch_id: int
    memory: Memory
    saved_at: datetime | None
    again_until: int | None
    """Up to this batch another may have judged them; None: compared with the inbox since."""
    changed: bool = False


class Engine:
    """One reader of telemetry, in one thread; calls are within transactions of the caller's."""

    def __init__(
        self, settings: Settings, metrics: EngineMetrics, *, most_samples: int = MOST_SAMPLES
    ) -> None:
        self._settings = settings
        self._most_samples = most_samples
        self._metrics = metrics
        self._place: _Place | None = None
        self._facts: Facts | None = None
        self._judging = Judging()
        self._notes = RuleNotes()
        self._uncommitted = Uncommitted()
        self._strangers: frozenset[int] = frozenset()
        """Vehicles that samples speak of and nobody knows."""
        self._missed_after = 0
        """The place before the gap that was told last."""

    def forget(self) -> None:
        """Nothing that was not committed holds: the next call begins at the last checkpoint."""
        self._place = None
        self._notes.forget()
        self._uncommitted.forget()

    def committed(self) -> None:
        """What was done since is in the database now."""
        self._uncommitted.count(self._metrics)

    def cycle(self, conn: Connection[Any], book: RuleBook, *, now: datetime) -> CycleDone:
        """Judge the next batches, tell the inbox, and note how far it came when that is due."""
        began_s = clock.monotonic()
        self._judging.begin(now)
        place = self._place or self._begin(conn, now)
        read = read_on(conn, place.batch_id, most_samples=self._most_samples)
        done = CycleDone()
        if read.batches:
            facts = self._facts_for(conn, book, now, read.samples)
            readings = drop_history(read.samples, place.memory.carried)
            memory, said = self._judge(conn, place.memory, readings, facts, now)
            applied = self._apply(conn, said, now)
            place = replace(place, batch_id=read.batches[-1].id, memory=memory, changed=True)
            done = CycleDone(
                batches=len(read.batches),
                samples=len(read.samples),
                late=len(read.samples) - len(readings),
                raised=applied.raised + applied.reopened,
                cleared=applied.cleared,
                more=read.more,
            )
            self._uncommitted.seen.append(
                Seen(read.batches, done.samples, done.late, said, now, began_s)
            )
        waiting = store.count_batches(conn, after_id=place.batch_id) if done.more else None
        done = replace(done, lag_s=age_s(waiting, now))
        self._metrics.batches_behind.set(waiting.batches if waiting else 0)
        self._metrics.lag_seconds.set(done.lag_s)
        self._place = self._save_when_due(conn, place, now)
        return done

    def tick(self, conn: Connection[Any], book: RuleBook, *, now: datetime) -> TickDone:
        """What time alone decides: who is silent, what has been over for long, whose rule is gone.

        As of when the oldest batch that waits was written: what it says comes first. Nothing while
        that is long ago. Nobody finds it again as samples are: what it says is remembered at once.
        """
        place = self._place or self._begin(conn, now)
        waiting = store.count_batches(conn, after_id=place.batch_id)
        as_of = now if waiting.since is None else min(waiting.since, now)
        if now - as_of > TICK_BEHIND:
            return TickDone()
        self._judging.begin(now)
        facts = self._facts_for(conn, book, now, None)
        latest = facts.vehicles.select(*LATEST)
        judged = self._judging.tick(place.memory, facts, to_us(as_of), latest)
        self._note_rules(conn, now)
        said = Said()
        said.add(judged.events, by_key(facts.rules), facts.vehicles)
        applied = self._apply(conn, said, now)
        place = replace(
            place, memory=judged.memory, changed=place.changed or len(judged.events) > 0
        )
        place, left = self._reconcile(conn, place, now)
        at_once = len(judged.events) > 0 or left > 0
        self._place = self._save_when_due(conn, place, now, at_once=at_once)
        return TickDone(applied.raised + applied.reopened, applied.cleared + left)

    def _reconcile(self, conn: Connection[Any], place: _Place, now: datetime) -> tuple[_Place, int]:
        """Once caught up: clear what stands and is not remembered; how many that were."""
        if place.again_until is None or place.batch_id < place.again_until:
            return place, 0
        standing = store.list_standing(conn, WATCHED)
        memory, clearings = reconcile(place.memory, standing, now=now)
        changed = place.changed or memory is not place.memory or len(clearings) > 0
        left = self._apply(conn, Said(clearings=clearings), now).cleared
        return replace(place, memory=memory, again_until=None, changed=changed), left

    def _begin(self, conn: Connection[Any], now: datetime) -> _Place:
        """The place and memory of the last checkpoint; without one, all that is still kept."""
        kept = store.find_checkpoint(conn, READER)
        if kept is None:
            return self._begin_anew(conn, 0)
        backlog = timedelta(hours=self._settings.alert_backlog_hours)
        missed = count_missed(conn, kept, backlog=backlog, now=now)
        if missed and kept.batch_id != self._missed_after:
            self._missed_after = kept.batch_id
            log.warning("telemetry_not_judged", batches_at_most=missed, since=kept.taken_at)
            self._metrics.batches_missed.inc(missed)
        try:
            memory = Memory.from_bytes(kept.memory)
        except MemoryUnreadable as problem:
            log.warning("memory_unreadable", problem=str(problem))
            return self._begin_anew(conn, kept.batch_id)
        self._metrics.checkpoint_bytes.set(len(kept.memory))
        return _Place(kept.batch_id, memory, kept.taken_at, store.get_newest_batch(conn))

    def _begin_anew(self, conn: Connection[Any], batch_id: int) -> _Place:
        """Without a memory; of what the clock alone tells, the inbox remembers enough."""
        standing = store.list_standing(conn, WATCHED)
        memory = remember(Memory.empty(), standing)
        return _Place(batch_id, memory, None, store.get_newest_batch(conn))

    def _facts_for(
        self, conn: Connection[Any], book: RuleBook, now: datetime, samples: pl.DataFrame | None
    ) -> Facts:
        """Facts of every vehicle: read again after a while, on new rules, for a new vehicle.

        Of a tick, `samples` is None: it asks what is known now.
        """
        facts = self._facts
        seen = frozenset[int]() if samples is None else frozenset(samples["vehicle_id"])
        if (
            facts is None
            or facts.revision != book.revision
            or samples is None
            or now - facts.read_at >= FACTS_EVERY
            or not facts.ids >= seen - self._strangers
        ):
            if facts is None or facts.revision != book.revision:
                self._judging.take(take_rules(book))
            self._judging.try_again()
            facts = self._facts = make_facts(
                store.read_vehicles(conn, now=now),
                store.read_memberships(conn, now=now),
                book,
                self._judging.rules,
                now=now,
                before=facts,
            )
            self._strangers = seen - facts.ids
        return facts

    def _judge(
        self,
        conn: Connection[Any],
        memory: Memory,
        readings: pl.DataFrame,
        facts: Facts,
        now: datetime,
    ) -> tuple[Memory, Said]:
        """All passes of the readings; each vehicle's as it was then."""
        said, rules = Said(), by_key(facts.rules)
        lettings = read_lettings(conn, readings, now)
        for rows, then in passes(readings, facts, lettings):
            judged = self._judging.judge(memory, rows, facts, then)
            memory = judged.memory
            said.add(judged.events, rules, facts.vehicles if then is None else then)
        self._note_rules(conn, now)
        return memory, said

    def _note_rules(self, conn: Connection[Any], now: datetime) -> None:
        """Which rules were left out, of this batch or for a while."""
        failing = self._judging.failing
        self._uncommitted.refused["rule"] += self._notes.note(conn, failing, now=now)
        self._metrics.rules_broken.set(len(failing))

    def _apply(self, conn: Connection[Any], said: Said, now: datetime) -> Applied:
        if not said.findings and not said.clearings:
            return Applied()
        done = apply_all(conn, said.findings, said.clearings, source="telemetry", now=now)
        self._uncommitted.refused["finding"] += done.refused
        return done.applied

    def _save_when_due(
        self, conn: Connection[Any], place: _Place, now: datetime, *, at_once: bool = False
    ) -> _Place:
        """Note how far it came, in the transaction of what that covers."""
        every = timedelta(seconds=self._settings.alert_checkpoint_s)
        due = at_once or place.saved_at is None or now - place.saved_at >= every
        if not (place.changed and due):
            return place
        memory = place.memory.to_bytes()
        store.save_checkpoint(conn, READER, store.Checkpoint(place.batch_id, memory, FORMAT, now))
        self._metrics.checkpoint_bytes.set(len(memory))
        self._metrics.memory_bytes.set(size_of(place.memory))
        return replace(place, saved_at=now, changed=False)
