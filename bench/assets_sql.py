"""The database's share of a month: the calendar's own queries as the API's role, without HTTP.

Decides what is timed: the service's functions on a connection that acts for somebody, from the call
to the last row turned into Python. The statements they send are noted and explained. Leaves out the
answers' truth, which is judged over HTTP.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, ClassVar, Final, Self

import msgspec
import psycopg
from psycopg import Connection, sql

from bench.api_fleet import ROOT, operator_of
from bench.api_scene import Asker
from bench.assets_questions import next_month
from bench.assets_server import AssetsRig
from bench.latency import quantile
from bench.rig import SQL
from fleet.calendar import service as calendar
from kit import clock, db
from schemas.access import Actor, permissions_of

TURNS: Final = 20
WARM_UP: Final = 3
EVERYTHING: Final = 1_000_000
PAGE: Final = 51
"""What the API asks for to show fifty."""
_EXPLAIN: Final = b"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF) "
_TIMES: Final = ("Planning Time: ", "Execution Time: ")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A question, asked by somebody many times."""

    median_ms: float
    p95_ms: float
    executed_ms: float
    """By EXPLAIN ANALYZE, once, warm."""
    rows: int


class MonthInSql(msgspec.Struct, frozen=True, kw_only=True):
    """A month's questions by their name."""

    ways: dict[str, Way]
    plan: list[str]
    """Of a first page, the head office asks."""


class NotedCursor(psycopg.Cursor[Any]):
    """Notes what is executed, so that it can be explained afterwards."""

    noted: ClassVar[list[tuple[Any, Any]]] = []

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """As it is, and noted."""
        self.noted.append((query, params))
        return super().execute(query, params, **how)


def measure_month(rig: AssetsRig, *, turns: int = TURNS) -> MonthInSql:
    """A first page, the counts, and a whole month in one query."""
    ways: dict[str, Way] = {}
    plan: list[str] = []
    with closing(db.connect(rig.app_url, application_name="fleetbench")) as conn:
        conn.cursor_factory = NotedCursor
        conn.execute(SQL.prepare_load_session)  # as the API sets its connections: without JIT
        conn.commit()
        for name, code in (("root", ROOT), ("operator", operator_of(1))):
            actor = _actor_of(rig.askers[code])
            for question, ask in _questions(rig, actor).items():
                ways[f"{question}.{name}"] = _measure(conn, actor, ask, turns)
            if name == "root":
                plan = _explain(conn, actor, _questions(rig, actor)["page"])
    return MonthInSql(ways=ways, plan=plan)


def _questions(rig: AssetsRig, actor: Actor) -> Mapping[str, Callable[[Connection[Any]], int]]:
    from_on, until_on = next_month(rig.data.today)
    month = calendar.DueFilter(from_on=from_on, until_on=until_on)

    def listed(limit: int) -> Callable[[Connection[Any]], int]:
        return lambda conn: len(
            calendar.list_obligations(conn, actor, month, limit=limit, now=clock.now())
        )

    return {
        "page": listed(PAGE),
        "counts": lambda conn: sum(
            each.items for each in calendar.count_obligations(conn, actor, month, now=clock.now())
        ),
        "whole": listed(EVERYTHING),
    }


def _measure(
    conn: Connection[Any], actor: Actor, ask: Callable[[Connection[Any]], int], turns: int
) -> Way:
    times_ms, rows = [], 0
    for turn in range(WARM_UP + turns):
        with conn.transaction():
            _act(conn, actor)
            began_s = clock.monotonic()
            rows = ask(conn)
            if turn >= WARM_UP:
                times_ms.append((clock.monotonic() - began_s) * 1000)
    times_ms.sort()
    told = _explain(conn, actor, ask)
    return Way(
        median_ms=quantile(times_ms, 0.5),
        p95_ms=quantile(times_ms, 0.95),
        executed_ms=sum(_time_in(line) for line in told if line.startswith(_TIMES)),
        rows=rows,
    )


def _explain(
    conn: Connection[Any], actor: Actor, ask: Callable[[Connection[Any]], int]
) -> list[str]:
    """The plan of the longest statement the question sends, with its times."""
    with conn.transaction():
        _act(conn, actor)
        NotedCursor.noted.clear()
        ask(conn)
        query, params = max(NotedCursor.noted, key=lambda noted: len(_text(conn, noted[0])))
        rows = conn.execute(_EXPLAIN + _text(conn, query).encode(), params, prepare=False)
        return [line for (line,) in rows.fetchall()]


def _text(conn: Connection[Any], query: Any) -> str:
    if isinstance(query, sql.Composable):
        return query.as_string(conn)
    return query.decode() if isinstance(query, bytes) else str(query)


def _time_in(line: str) -> float:
    """Of `Planning Time: 1.2 ms` and `Execution Time: 30.1 ms`.

    >>> _time_in("Execution Time: 30.1 ms")
    30.1
    """
    return float(line.rpartition(": ")[2].removesuffix(" ms"))


def _act(conn: Connection[Any], actor: Actor) -> None:
    assert actor.organisation_id is not None
    db.act_for(conn, [actor.organisation_id])


def _actor_of(asker: Asker) -> Actor:
    return Actor("person", asker.code, asker.organisation_id, asker.code, permissions_of({"owner"}))
