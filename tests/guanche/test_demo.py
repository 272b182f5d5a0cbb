"""The demo as a process: its summary balances, and nothing of it stays behind."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from guanche import embedded
from kit import clock
from tests.fixtures.services import missing

STARTING = "starting ingest, alerts, the API and the simulators"
RUNNING = "running"


@pytest.fixture(autouse=True)
def _needs_embedded_postgres() -> None:
    try:
        embedded.find_embedded()
    except embedded.ServerFailed as reason:
        missing("postgresql", str(reason))


@contextmanager
def demo_process(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`guanche demo …` in its own folder, with no GUANCHE_ variable; killed in the end."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GUANCHE_")}
    environment |= {"TMPDIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-m", "guanche", "demo", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def left_behind(folder: Path) -> list[str]:
    """Processes that still name the demo's folder, of which its every part's command line does."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


def await_gone(folder: Path) -> list[str]:
    """What is left of the demo after at most ten seconds."""
    deadline = clock.monotonic() + 10
    while (left := left_behind(folder)) and clock.monotonic() < deadline:
        clock.sleep(0.1)
    return left


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder the database's unprivileged user may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="guanche-test-") as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


def test_a_short_demo_balances_and_leaves_nothing(folder: Path) -> None:
    arguments = ("--seconds", "5", "--vehicles", "10", "--rate", "40", "--json")
    with demo_process(folder, *arguments) as process:
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    summary = json.loads(out)
    assert summary["lost"] == 0
    assert summary["published"] == summary["acknowledged"] > 100
    refused = sum(summary["refused"].values())
    accounted = summary["stored"] + refused + summary["duplicates"]
    assert accounted >= summary["acknowledged"]
    assert 0 < summary["latency_p50_ms"] <= summary["latency_p99_ms"]
    assert summary["latency_samples"] > 10
    assert (summary["vehicles"], summary["storage_kind"]) == (10, "postgresql")
    assert summary["broker_kind"] in ("mosquitto", "amqtt")
    assert f"API: {summary['api_url']} · manual" in " ".join(err.split())
    assert await_gone(folder) == []
    assert list(folder.glob("guanche-*")) == []


def test_the_lines_to_copy_work_and_no_argument_holds_a_secret(folder: Path) -> None:
    if shutil.which("curl") is None:
        missing("curl", "curl is not installed")
    with demo_process(folder, "--seconds", "6", "--vehicles", "20") as process:
        assert process.stdout is not None
        shown = [process.stdout.readline() for _line in range(20)]
        assert (shown[0][:10], shown[7]) == (
            "Look at it",
            "Ask the API in the same way\n",
        )
        lines = "".join(shown[9:])
        asked = subprocess.run(
            ["bash", "-c", lines], capture_output=True, text=True, check=True, timeout=30
        )
        look = f"{shown[2].strip()} && {shlex.quote(sys.executable)} -m {shown[3].strip()}"
        track = subprocess.run(
            ["sh", "-c", look], capture_output=True, text=True, check=False, timeout=60
        )
        arguments = left_behind(folder)
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert (track.returncode, track.stderr) == (0, "")
    assert re.search(r"^\d+ samples?, ", track.stdout, re.MULTILINE)  # of a van that just began
    *lists, alerts = (json.loads(line) for line in asked.stdout.splitlines())
    vehicles, overdue, available, leases = (each["items"] for each in lists)
    assert alerts["unresolved"] == sum(alerts["by_severity"].values())
    assert [len(vehicle["vin"]) for vehicle in vehicles] == [17, 17]
    assert {item["status"] for item in overdue} == {"overdue"}
    assert [vehicle["operator"] for vehicle in available] == ["shenzhen-longgang"]
    assert {lease["organisation"].split("-")[0] for lease in leases} == {"shenzhen"}
    assert "log-ins  boss@qingfan" in out
    assert "all with the password qingfan-demo" in out
    assert [line for line in arguments if re.search("GUANCHE_|PASSWORD", line)] == []
    assert len([line for line in arguments if line.endswith("guanche api")]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_in_order(folder: Path, number: signal.Signals) -> None:
    with demo_process(folder, "--vehicles", "10", "--json") as process:
        await_line(process, RUNNING)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    summary = json.loads(out)
    assert summary["lost"] == 0
    assert summary["published"] > 0
    assert await_gone(folder) == []


def test_a_signal_while_it_starts_ends_it_before_it_runs(folder: Path) -> None:
    with demo_process(folder, "--vehicles", "10", "--json") as process:
        await_line(process, STARTING)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert err.endswith("stopped before it ran; nothing is left behind\n")
    assert RUNNING not in err
    assert await_gone(folder) == []
    assert list(folder.glob("guanche-*")) == []


def test_killed_it_takes_its_parts_along(folder: Path) -> None:
    with demo_process(folder, "--vehicles", "10", "--json") as process:
        await_line(process, RUNNING)
        assert len(left_behind(folder)) >= 4
        process.kill()
        process.communicate(timeout=10)
    assert await_gone(folder) == []


def test_a_broker_that_is_not_there_is_one_line(folder: Path, unused_port: int) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GUANCHE_")}
    environment |= {"GUANCHE_DATABASE_URL": f"postgresql://127.0.0.1:{unused_port}/guanche"}
    ran = subprocess.run(
        [sys.executable, "-m", "guanche", "demo", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"error no database at postgresql://127.0.0.1:{unused_port}/guanche" in ran.stderr
    assert "Traceback" not in ran.stderr


def await_line(process: subprocess.Popen[str], words: str) -> None:
    """Read standard error until a line has these words."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    pytest.fail("".join(seen))
