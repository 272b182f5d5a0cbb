"""Bills all leases that are to be looked at, some hundred a transaction.

Done by the API now and then, by `guanche money run`, and when asked for. Whatever time it
was not done for is caught up; doing it twice at once costs nothing, as each lease is billed by one
of them. Where a chunk cannot be written, its leases are looked at one by one, and the one at fault
is noted. Leaves out what is done for a lease: `running`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

import psycopg
from psycopg import Connection

from fleet.billing.deciding.service import Rates
from fleet.billing.running import service as running
from fleet.billing.running.model import ALL, Part, RunCounts
from kit import db
from kit.errors import DomainError
from kit.log import get_logger
from schemas.access import SYSTEM, Actor

CHUNK: Final = 500
NOT_THE_LEASE: Final = (psycopg.OperationalError, psycopg.InterfaceError)
"""The database is away, or two waited for one another: nothing is wrong with any lease."""
log = get_logger("billing")


def run_all(
    conn: Connection[Any], *, now: datetime, chunk: int = CHUNK, part: Part = ALL
) -> RunCounts:
    """Bill what is to be billed of every tenant; commits chunk by chunk.

    `part`: of some of the organisations only, where other runs are for the others.
    """
    with conn.transaction():
        tenants = running.list_tenants(conn, SYSTEM)
    done = RunCounts()
    for organisation_id in tenants:
        done = done.plus(
            run(conn, SYSTEM, organisation_id=organisation_id, now=now, chunk=chunk, part=part)
        )
    return done


def run_side_by_side(
    connect: Callable[[], AbstractContextManager[Connection[Any]]], *, parts: int, now: datetime
) -> RunCounts:
    """The same by so many runs at once, each with a connection and a part of the organisations.

    What one of them fails by is raised when all have ended; the others' bills stand. Ctrl-C ends
    them, each with the chunk it is at undone.
    """
    opened: list[Connection[Any]] = []

    def run_part(number: int) -> RunCounts:
        with connect() as conn:
            opened.append(conn)
            return run_all(conn, now=now, part=Part(number, parts))

    done = RunCounts()
    with ThreadPoolExecutor(parts, thread_name_prefix="billing") as pool:
        running_now = [pool.submit(run_part, number) for number in range(parts)]
        try:
            for each in running_now:
                done = done.plus(each.result())
        except KeyboardInterrupt:
            for conn in opened:
                conn.cancel()
            raise
    return done


def run(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_id: int,
    now: datetime,
    limit: int | None = None,
    chunk: int = CHUNK,
    part: Part = ALL,
) -> RunCounts:
    """Bill what is to be billed of an organisation and below, so many leases at most.

    Within a transaction of the caller's, the chunks are parts of it; else each is one.
    """
    with conn.transaction():
        db.act_for(conn, [organisation_id])
        due = running.list_due(conn, actor, organisation_id=organisation_id, part=part, now=now)
    taken = due if limit is None else due[:limit]
    done, rates = RunCounts(), Rates()
    for lease_ids in _chunks(taken, chunk):
        done = done.plus(_bill(conn, actor, organisation_id, lease_ids, rates=rates, now=now))
    return replace(done, left=len(due) - len(taken))


def _bill(
    conn: Connection[Any],
    actor: Actor,
    organisation_id: int,
    lease_ids: Sequence[int],
    *,
    rates: Rates,
    now: datetime,
) -> RunCounts:
    try:
        with conn.transaction():
            db.act_for(conn, [organisation_id])
            return running.look_at(conn, actor, lease_ids=lease_ids, now=now, rates=rates)
    except NOT_THE_LEASE:
        raise
    except (DomainError, ValueError, psycopg.Error) as fault:
        if len(lease_ids) > 1:
            done = RunCounts()
            for each in lease_ids:
                done = done.plus(_bill(conn, actor, organisation_id, [each], rates=rates, now=now))
            return done
        log.warning("lease_not_billed", lease_id=lease_ids[0], fault=f"{type(fault).__name__}")
        with conn.transaction():
            db.act_for(conn, [organisation_id])
            return running.note_fault(conn, actor, lease_id=lease_ids[0], fault=fault, now=now)


def _chunks(lease_ids: Sequence[int], size: int) -> Iterator[list[int]]:
    each = iter(lease_ids)
    while part := list(islice(each, size)):
        yield part
