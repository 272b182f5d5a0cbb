"""A large sheet brought in through the API and its worker: how long, how much memory, and how well.

Decides what counts as a time: from just before a request's first byte until the import is seen in
its next state, asked for every tenth of a second; so the worker's start and its waiting for work
are in it. Memory is the most that the worker process ever held. Leaves out the sheet
(`assets_sheet.py`).
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import psutil

from bench.api_client import Client, Request
from bench.api_fleet import ROOT
from bench.assets_server import AssetsRig
from bench.assets_sheet import SheetPlan
from bench.machine import cpu_s, rss_mb
from bench.processes import RigFailed
from bench.rig import SQL
from kit import clock

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POLL_S: Final = 0.1
GIVE_UP_S: Final = 900.0
WORKER: Final = "spawn_main"
"""What a process that Python spawned is started with."""
V1: Final = "/api/v1"


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that was looked at, applied, and looked at again."""

    rows: int
    bytes: int
    check_s: float
    apply_s: float
    again_s: float
    worker_cpu_s: float
    """Of its processes until it was applied."""
    database_cpu_s: float
    """The same, of the server with all its backends."""
    check_rss_mb: float
    """The most that the process held, MB (10⁶ bytes)."""
    apply_rss_mb: float
    wrong: list[str]


class Watch:
    """Sends what is asked for, and follows the worker until it is done."""

    def __init__(self, client: Client, token: str, api_pid: int) -> None:
        self.client = client
        self.token = token
        self.rss_mb = 0.0
        self.cpu_s: dict[int, float] = {}
        """Of each worker process, as it was last seen."""
        self._api = psutil.Process(api_pid)

    def until(self, state: str, key: str) -> Mapping[str, Any]:
        """The import, once it is in that state.

        Raises:
            RigFailed: it failed, or nothing came of it.
        """
        deadline = clock.monotonic() + GIVE_UP_S
        while clock.monotonic() < deadline:
            self._look_at_workers()
            found: dict[str, Any] = self.client.get(f"{V1}/imports/{key}", self.token).read()
            if found["state"] == state:
                return found
            if found["state"] == "failed" or found["problem"] is not None:
                raise RigFailed(f"the import is {found['state']}: {found['problem']}")
            clock.sleep(POLL_S)
        raise RigFailed(f"the import was not {state} in {GIVE_UP_S:,.0f} s")

    def _look_at_workers(self) -> None:
        """What the processes that the API has spawned hold and have spent."""
        for child in self._api.children():
            with suppress(psutil.NoSuchProcess, OSError, ValueError):
                if any(WORKER in part for part in child.cmdline()):
                    self.rss_mb = max(self.rss_mb, peak_mb(child.pid))
                    self.cpu_s[child.pid] = cpu_s(child.pid)

    def look(self, sheet: bytes) -> tuple[Mapping[str, Any], float]:
        """Send a sheet; what was found in it, and the seconds that took."""
        self.rss_mb = 0.0
        request = Request(
            method="POST",
            target=f"{V1}/imports?kind=vehicles&file_name=vehicles.xlsx",
            token=self.token,
            headers={"Idempotency-Key": uuid4().hex, "Content-Type": "application/octet-stream"},
            body=sheet,
        )
        began_s = clock.monotonic()
        key = self.client.send(request).read()["key"]
        return self.until("checked", key), clock.monotonic() - began_s

    def apply(self, found: Mapping[str, Any]) -> tuple[Mapping[str, Any], float]:
        """Have its good rows written; what became of it, and the seconds that took."""
        self.rss_mb = 0.0
        key = found["key"]
        version = self.client.get(f"{V1}/imports/{key}", self.token).headers["etag"]
        request = Request(
            method="POST",
            target=f"{V1}/imports/{key}/apply",
            token=self.token,
            headers={"If-Match": version},
            body=msgspec.json.encode({"mode": "good_rows"}),
        )
        began_s = clock.monotonic()
        self.client.send(request).check()
        return self.until("applied", key), clock.monotonic() - began_s


def measure_import(
    rig: AssetsRig, port: int, api_pid: int, sheet: bytes, plan: SheetPlan
) -> Imported:
    """Bring the sheet in as the head office, and look at it once more."""
    with Client(port, timeout_s=GIVE_UP_S) as client:
        watch = Watch(client, rig.askers[ROOT].tokens[0], api_pid)
        there, database_s = _count(rig), cpu_s(rig.server.pid)
        checked, check_s = watch.look(sheet)
        wrong = list(judge_outcome("the first look", checked, plan))
        check_rss_mb = watch.rss_mb
        applied, apply_s = watch.apply(checked)
        wrong += judge_outcome("applied", applied, plan)
        apply_rss_mb = watch.rss_mb
        worker_cpu_s, database_cpu_s = sum(watch.cpu_s.values()), cpu_s(rig.server.pid) - database_s
        if (added := _count(rig) - there) != plan.new:
            wrong.append(f"import: {added} vehicles were added, not {plan.new}")
        again, again_s = watch.look(sheet)
        same = SheetPlan(new=0, changed=0, bad=plan.bad)
        wrong += judge_outcome("the second look", again, same, same=plan.new + plan.changed)
    return Imported(
        rows=plan.rows,
        bytes=len(sheet),
        check_s=check_s,
        apply_s=apply_s,
        again_s=again_s,
        worker_cpu_s=worker_cpu_s,
        database_cpu_s=database_cpu_s,
        check_rss_mb=check_rss_mb,
        apply_rss_mb=apply_rss_mb,
        wrong=wrong,
    )


def judge_outcome(
    what: str, found: Mapping[str, Any], plan: SheetPlan, *, same: int = 0
) -> Iterator[str]:
    """Whether the rows came out as they were made."""
    expected = {"new": plan.new, "changed": plan.changed, "same": same, "bad": plan.bad}
    told = {name: found[f"rows_{name}"] for name in expected}
    if told != expected:
        yield f"import, {what}: {told}, not {expected}"


def peak_mb(pid: int) -> float:
    """The most memory that a process ever held, MB; what it holds now where the system is silent.

    Raises:
        OSError, ValueError: it has just ended.
    """
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return rss_mb(pid)
    [line] = [text for text in status.read_text().splitlines() if text.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def _count(rig: AssetsRig) -> int:
    with rig.connect() as conn:
        row = conn.execute(SQL.count_asset_rows).fetchone()
        assert row is not None
        return int(row[0])
