"""One run of the bench of alerts: a queue judged, an engine beside a writer, two sweeps.

Writer and engine are processes; the engine has one thread. Leaves out what is reported
(`alerts_figures.py`).
"""

import subprocess
import sys
from typing import Any, Final, TypeVar

import msgspec

from alerts.obligations.service import sweep
from alerts.rules.service import all_rules
from bench.alerts_engine import Orders as EngineOrders
from bench.alerts_engine import Worked
from bench.alerts_figures import Swept, Watched
from bench.alerts_server import AlertsRig
from bench.alerts_writer import Orders as WriterOrders
from bench.alerts_writer import Written
from bench.processes import RigFailed
from kit import clock

BATCH_MS: Final = 200.0
AFTER_S: Final = 5.0
"""The engine works on so long after the writer has ended."""
Told = TypeVar("Told")


def measure_queue(rig: AlertsRig, *, rate_per_s: float, seconds: float) -> Watched:
    """Write first, then judge all of it as fast as it goes."""
    rig.clear()
    orders = _writer(rig, rate_per_s, seconds, queue=True)
    written = _result("writer", _start("bench.alerts_writer", orders), Written)
    worker = _start("bench.alerts_engine", EngineOrders(url=rig.url, seconds=None))
    return Watched(written=written, worked=_result("engine", worker, Worked))


def measure_live(rig: AlertsRig, *, rate_per_s: float, seconds: float) -> Watched:
    """Judge while it is written."""
    rig.clear()
    engine = _start("bench.alerts_engine", EngineOrders(url=rig.url, seconds=seconds + AFTER_S))
    writer = _start("bench.alerts_writer", _writer(rig, rate_per_s, seconds, queue=False))
    written = _result("writer", writer, Written)
    return Watched(written=written, worked=_result("engine", engine, Worked))


def measure_sweeps(rig: AlertsRig) -> Swept:
    """All that falls due, twice."""
    rig.clear()
    times: list[float] = []
    counts: list[dict[str, int]] = []
    with rig.connect() as conn:
        book = all_rules(conn)
        for _ in range(2):
            began_s = clock.monotonic()
            with conn.transaction():
                counts.append(dict(sweep(conn, book, now=clock.now()).counts()))
            times.append(clock.monotonic() - began_s)
    return Swept(first_s=times[0], steady_s=times[1], counts=counts[0], steady_counts=counts[1])


def _writer(rig: AlertsRig, rate_per_s: float, seconds: float, *, queue: bool) -> WriterOrders:
    return WriterOrders(
        url=rig.url,
        batches=round(seconds * 1_000 / BATCH_MS),
        samples_a_batch=round(rate_per_s * BATCH_MS / 1_000),
        batch_ms=BATCH_MS,
        queue=queue,
    )


def _start(module: str, orders: msgspec.Struct) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", module, msgspec.json.encode(orders).decode()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _result(name: str, process: "subprocess.Popen[Any]", kind: type[Told]) -> Told:
    said, complaint = process.communicate()
    if process.returncode:
        words = complaint.decode(errors="replace")[-800:]
        raise RigFailed(f"the {name} ended with {process.returncode}: {words}")
    return msgspec.json.decode(said, type=kind)
