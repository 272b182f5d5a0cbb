"""What the barrier between tenants costs: the same questions with and without it, side by side.

Decides the three ways to ask: the owner straight at the tables, the API's role acting for an
operator, and acting for the head office. They take turns, question by question, so that whatever
else the machine does falls on all of them. Also shows by EXPLAIN that the barrier leaves the
planner its chunks to skip. Leaves out HTTP.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
from psycopg import Connection, sql

from bench.api_fleet import ROOT
from bench.api_scene import Asker, Scene, Vehicle
from bench.latency import quantile
from bench.rig import SQL
from kit import db

ROUNDS: Final = 60
"""Turns of each way a run."""
TRACKED: Final = 5
"""Vehicles of the operator, of those that send every 30 s."""
WARM_UP: Final = 8
"""Turns before that; psycopg prepares a statement at its sixth."""
_SCANNED: Final = re.compile(r"Scan.*\bon (\S*(?:_hyper_\d+_\d+_chunk|telemetry_\d+_\d+))\b")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way of asking, over all its turns."""

    median_ms: float
    p95_ms: float
    rows: int


class Barrier(msgspec.Struct, frozen=True, kw_only=True):
    """Both questions, each asked in its ways."""

    track: dict[str, Way]
    """By `table`, `operator`, `root`: a vehicle's day."""
    states: dict[str, Way]
    """By `table of operator`, `operator`, `table`, `root`: latest states of what each sees."""
    plan: list[str]
    """EXPLAIN ANALYZE of a day's track, acting for an operator."""
    chunks: int
    chunks_read: int
    compared: int
    wrong: int
    """Answers through the barrier that were not those without it."""


def measure_barrier(scene: Scene, *, seed: int) -> Barrier:
    """Ask in turns."""
    kept = [vehicle for vehicle in scene.busy if vehicle.former_id is None] or scene.fleet
    asker, root = scene.operator_of(Random(f"{seed}/barrier").choice(kept)), scene.askers[ROOT]
    tracked = [vehicle for vehicle in kept if vehicle.operator_id in asker.sees][:TRACKED]
    days = scene.rig.dataset.days
    with ExitStack() as stack:
        owner, app = (
            stack.enter_context(closing(db.connect(url, application_name="fleetbench")))
            for url in (scene.rig.url, scene.rig.app_url)
        )
        turns = Turns(owner, app)
        for turn in range(WARM_UP + ROUNDS):
            vehicle, day = tracked[turn % len(tracked)], days[turn % len(days)]
            _ask_track(turns, vehicle, day, asker, root)
            _ask_states(turns, asker, root)
        plan = _explain(app, asker, _day_of(tracked[0], days[-1]))
        found = owner.execute(SQL.count_chunks).fetchone()
        assert found is not None
    return Barrier(
        track=turns.ways("track"),
        states=turns.ways("states operator") | turns.ways("states root"),
        plan=plan,
        chunks=int(found[0]),
        chunks_read=len(chunks_in(plan)),
        compared=4 * (WARM_UP + ROUNDS),
        wrong=turns.wrong,
    )


class Asking(NamedTuple):
    """A question as one of the ways puts it."""

    way: str
    query: LiteralString
    parameters: Mapping[str, Any]
    actor: Asker | None
    """None: the owner."""


class Turns:
    """Who asked what, and how long each answer took."""

    def __init__(self, owner: Connection[Any], app: Connection[Any]) -> None:
        self._owner = owner
        self._app = app
        self._times_ms: dict[tuple[str, str], list[float]] = {}
        self._rows: dict[tuple[str, str], int] = {}
        self.wrong = 0

    def take(self, question: str, askings: Sequence[Asking]) -> dict[str, list[Any]]:
        """Put a question in all ways; the rows of each.

        Once uncounted, so that nobody pays for what is not in memory yet, then each way, another
        one first every time.
        """
        first = len(self._times_ms.get((question, askings[0].way), ())) % len(askings)
        self._ask(askings[0])
        rows = {}
        for asking in [*askings[first:], *askings[:first]]:
            took_ms, found = self._ask(asking)
            self._times_ms.setdefault((question, asking.way), []).append(took_ms)
            self._rows[question, asking.way] = len(found)
            rows[asking.way] = found
        return rows

    def _ask(self, asking: Asking) -> tuple[float, list[Any]]:
        conn = self._owner if asking.actor is None else self._app
        if asking.actor is not None:
            db.act_for(conn, [asking.actor.organisation_id])
        with conn.cursor(binary=True) as cursor:
            began_s = perf_counter()
            rows = cursor.execute(asking.query, asking.parameters).fetchall()
            took_ms = (perf_counter() - began_s) * 1000
        conn.rollback()
        return took_ms, rows

    def ways(self, question: str) -> dict[str, Way]:
        """What was found of a question, the first turns apart."""
        return {
            way: Way(
                median_ms=quantile(sorted(times_ms[WARM_UP:]), 0.5),
                p95_ms=quantile(sorted(times_ms[WARM_UP:]), 0.95),
                rows=self._rows[asked, way],
            )
            for (asked, way), times_ms in self._times_ms.items()
            if asked == question
        }


def chunks_in(plan: list[str]) -> set[str]:
    """The chunks or partitions a plan reads."""
    return {found[1] for line in plan if (found := _SCANNED.search(line))}


def _ask_track(turns: Turns, vehicle: Vehicle, day: datetime, asker: Asker, root: Asker) -> None:
    period = _day_of(vehicle, day)
    rows = turns.take(
        "track",
        [
            Asking("table", SQL.list_track, period, None),
            Asking("operator", SQL.list_visible_track, period, asker),
            Asking("root", SQL.list_visible_track, period, root),
        ],
    )
    for way, actor in (("operator", asker), ("root", root)):
        turns.wrong += rows[way] != _seen(rows["table"], vehicle, actor)


def _ask_states(turns: Turns, asker: Asker, root: Asker) -> None:
    own = {"operator_ids": list(asker.sees)}
    of_one = (
        Asking("table of operator", SQL.list_operated_states, own, None),
        Asking("operator", SQL.list_visible_states, {}, asker),
    )
    of_all = (
        Asking("table", SQL.list_latest_states, {}, None),
        Asking("root", SQL.list_visible_states, {}, root),
    )
    for bare, through in (of_one, of_all):
        rows = turns.take(f"states {through.way}", [bare, through])
        turns.wrong += sorted(rows[bare.way]) != sorted(rows[through.way])


def _seen(rows: list[Any], vehicle: Vehicle, asker: Asker) -> list[Any]:
    """What of a vehicle's day the asker may see; those asked about never changed hands."""
    return rows if vehicle.former_id is None and vehicle.operator_id in asker.sees else []


def _day_of(vehicle: Vehicle, day: datetime) -> dict[str, Any]:
    return {"vehicle_id": vehicle.id, "from_at": day, "until_at": day + timedelta(days=1)}


def _explain(conn: Connection[Any], asker: Asker, day: dict[str, Any]) -> list[str]:
    db.act_for(conn, [asker.organisation_id])
    explain = sql.SQL("EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF) ")
    rows = conn.execute(explain + sql.SQL(SQL.list_visible_track), day).fetchall()
    conn.rollback()
    return [line for (line,) in rows]
