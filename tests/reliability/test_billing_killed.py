"""A run of billing dies in the middle: nothing is lost, nothing doubled, no number is missing.

The real `guanche money run`, a process of its own on a real database, killed at random points and
started again until it has nothing left to do.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from psycopg import Connection

from bench.api_fleet import register_fleet
from bench.money_book import REACH_DAYS, Agreed, make_leases
from bench.money_writing import begin_billing, lease_no_of, write_leases
from fleet.audit import service as audit
from fleet.local_days import local_day
from ingest.storage import open_storage
from kit import clock, db
from tests.reliability.figures import report, rng_of
from tests.reliability.forms import forms, on_one_storage

pytestmark = [pytest.mark.reliability, on_one_storage]
RUN = """
import sys
from fleet.billing import jobs
from kit import clock, db
with db.connect(sys.argv[1], application_name="killed") as conn:
    jobs.run_all(conn, now=clock.now(), chunk=int(sys.argv[2]))
"""
"""As `guanche money run` does it, in smaller chunks."""


class Kills(NamedTuple):
    leases: int
    kills: int
    chunk: int


def _written(conn: Connection[Any], count: int) -> list[Agreed]:
    now = clock.now()
    today, vehicles = local_day(now), count + count // 10 + 1
    agreed = make_leases(count, today)
    with conn.transaction():
        open_storage(conn, chunk_hours=12).ensure(conn, now)
        register_fleet(
            conn, vehicles=vehicles, seed=1, now=now, handed_over_at=now - timedelta(days=2)
        )
    write_leases(conn, agreed, vehicles=vehicles, seed=1, now=now)
    begin_billing(conn, from_on=today - timedelta(days=REACH_DAYS), now=now)
    return agreed


def _start(url: str, chunk: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, url, str(chunk)],
        cwd=Path(__file__).parents[2],
        env={name: text for name, text in os.environ.items() if not name.startswith("GUANCHE_")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _issued(conn: Connection[Any]) -> int:
    row = conn.execute("SELECT count(*) FROM bills WHERE state = 'issued'").fetchone()
    assert row is not None
    return int(row[0])


def _kill_when_more(
    conn: Connection[Any], process: subprocess.Popen[bytes], than: int, more_s: float
) -> bool:
    """Kill it some moments after it has committed something more; False if it ended before."""
    give_up_s = clock.monotonic() + 60
    while _issued(conn) <= than and process.poll() is None and clock.monotonic() < give_up_s:
        clock.sleep(0.005)
    clock.sleep(more_s)
    running = process.poll() is None
    process.kill()
    process.wait()
    return running


@forms(short=Kills(240, 6, 10), long=Kills(3_000, 40, 25))
def test_killed_at_random_points_in_the_middle_of_a_run(
    database_url: str, app_url: str, size: Kills
) -> None:
    rng = rng_of("billing killed")
    with closing(db.connect(database_url, autocommit=True)) as conn:
        agreed = _written(conn, size.leases)
        killed = 0
        while killed < size.kills:
            process = _start(app_url, size.chunk)
            if not _kill_when_more(conn, process, _issued(conn), rng.uniform(0, 0.2)):
                break
            killed += 1
        left = subprocess.run(
            [sys.executable, "-c", RUN, app_url, str(size.chunk)],
            cwd=Path(__file__).parents[2],
            check=False,
            capture_output=True,
        )
        assert left.returncode == 0, left.stderr.decode()[-500:]
        told = _told(conn, agreed)
        report("T13 billing killed", leases=size.leases, kills=killed, **told)
        assert killed >= 3
        assert told == {"lost": 0, "doubled": 0, "gaps": 0, "off_fen": 0, "owed_off_fen": 0}
        with conn.transaction():
            assert audit.verify(conn) == []


def _told(conn: Connection[Any], agreed: list[Agreed]) -> dict[str, int]:
    """What is missing, what is there twice, by what is agreed."""
    found = {
        lease_no: json.loads(amounts)
        for lease_no, amounts in conn.execute(
            "SELECT l.lease_no, coalesce(json_agg(b.total_fen) FILTER (WHERE b.id IS NOT NULL),"
            " '[]')::text FROM leases l LEFT JOIN bills b ON b.lease_id = l.id"
            " AND b.state = 'issued' GROUP BY 1"
        )
    }
    from_on = agreed[0].today - timedelta(days=REACH_DAYS)
    lost = doubled = 0
    for one in agreed:
        wanted, has = Counter(one.billed(from_on)), Counter(found[lease_no_of(one)])
        lost += (wanted - has).total()
        doubled += (has - wanted).total()
    [(gaps, off_fen, owed_off_fen)] = conn.execute(
        "SELECT (SELECT count(*) FROM bill_counters c WHERE c.last_no <> (SELECT count(*)"
        " FROM bills b WHERE b.organisation_id = c.organisation_id AND b.state = 'issued'"
        " AND split_part(b.bill_no, '-', 3)::integer BETWEEN 1 AND c.last_no)),"
        " (SELECT sum(amount_fen)::bigint FROM ledger_postings),"
        " (SELECT sum(amount_fen)::bigint FROM ledger_postings"
        "  WHERE account IN ('receivable', 'deposit_receivable'))"
        " - (SELECT sum(open_fen)::bigint FROM bill_balances)"
    ).fetchall()
    return {
        "lost": lost,
        "doubled": doubled,
        "gaps": gaps,
        "off_fen": off_fen,
        "owed_off_fen": owed_off_fen,
    }
