"""One run of billing over all leases: how long, how much memory, and whether every fen is right.

The real `guanche money run`, a process of its own, as the API's role: timed from its start to its
end, its memory is the most it held. Then once more, when nothing is to be done. Judged by what is
agreed (`money_book.py`), which knows nothing of the code that bills.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec
import psutil
from psycopg import Connection

from bench.machine import rss_mb
from bench.money_book import vat_of
from bench.money_server import MoneyRig
from bench.money_writing import lease_no_of
from bench.processes import RigFailed
from bench.rig import SQL
from kit import clock

POLL_S: Final = 0.05
MOST_TOLD: Final = 20


class Billed(msgspec.Struct, frozen=True, kw_only=True):
    """Both runs."""

    leases: int
    bills: int
    lines: int
    entries: int
    postings: int
    billed_fen: int
    run_s: float
    run_cpu_s: float
    """Of the process alone, without the database."""
    rss_mb: float
    again_s: float
    judged: int
    wrong: list[str]


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A process that ended."""

    counts: dict[str, Any]
    took_s: float
    cpu_s: float
    rss_mb: float


def measure_billing(rig: MoneyRig) -> Billed:
    """Bill everything, and once more."""
    first, again = _run(rig), _run(rig)
    with rig.connect() as conn:
        wrong = list(_judged(conn, rig))
        counted = conn.execute(SQL.count_money_rows).fetchone()
    assert counted is not None
    bills, lines, entries, postings, _off, _owed = counted
    if again.counts["leases"]:
        wrong.append(f"the second run looked at {again.counts['leases']} leases")
    if first.counts["faults"]:
        wrong.append(f"{len(first.counts['faults'])} leases faulted")
    return Billed(
        leases=first.counts["leases"],
        bills=bills,
        lines=lines,
        entries=entries,
        postings=postings,
        billed_fen=first.counts["issued_fen"],
        run_s=first.took_s,
        run_cpu_s=first.cpu_s,
        rss_mb=first.rss_mb,
        again_s=again.took_s,
        judged=rig.data.leases,
        wrong=wrong[:MOST_TOLD],
    )


def _run(rig: MoneyRig) -> Ran:
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("GUANCHE_")},
        "GUANCHE_DATABASE_URL": rig.app_url,
    }
    command = [sys.executable, "-m", "guanche", "money", "run", "--json"]
    began_s, most_mb, spent_s = clock.monotonic(), 0.0, 0.0
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                most_mb = max(most_mb, rss_mb(process.pid))
                times = psutil.Process(process.pid).cpu_times()
                spent_s = max(spent_s, times.user + times.system)
            clock.sleep(POLL_S)
        took_s = clock.monotonic() - began_s
        assert process.stdout is not None and process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
    if process.returncode:
        words = complaint.decode(errors="replace")[-500:]
        raise RigFailed(f"billing ended with {process.returncode}: {words}")
    return Ran(counts=json.loads(said), took_s=took_s, cpu_s=spent_s, rss_mb=most_mb)


def _judged(conn: Connection[Any], rig: MoneyRig) -> Iterator[str]:
    """Every lease, every line, every number, and the book."""
    found = {no: rest for no, *rest in conn.execute(SQL.list_billed_leases)}
    open_fen = 0
    for one in rig.leases:
        amounts = one.billed(rig.data.bills_from_on)
        count, total_fen, left_fen = found[lease_no_of(one)]
        open_fen += left_fen
        if (count, total_fen, left_fen) != (len(amounts), sum(amounts), sum(amounts)):
            yield f"{lease_no_of(one)}: {count} bills of {total_fen}, agreed: {amounts}"
    for kind, amount_fen, net_fen, vat_fen, _count in conn.execute(SQL.list_billed_lines):
        wanted = 0 if kind == "deposit" else vat_of(amount_fen)
        if (net_fen, vat_fen) != (amount_fen - wanted, wanted):
            yield f"a {kind} of {amount_fen} has {vat_fen} of VAT, not {wanted}"
    for (organisation_id,) in conn.execute(SQL.list_number_gaps):
        yield f"organisation {organisation_id} has gaps in its numbers"
    counted = conn.execute(SQL.count_money_rows).fetchone()
    assert counted is not None
    if counted[4]:
        yield f"the book is off by {counted[4]} fen"
    if counted[5] != open_fen:
        yield f"receivables come to {counted[5]}, open bills to {open_fen}"
