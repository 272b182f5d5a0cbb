"""`guanche simulate` and `guanche replay` as they are typed: what they print and how they end."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guanche import embedded
from guanche.commands.sending import allow_open_files, progress_text, read_credentials
from kit.errors import Invalid
from simulators.ack_log import read_ack_log
from simulators.pacing import Progress
from simulators.publisher import DeviceLogin

GUANCHE = [sys.executable, "-m", "guanche"]
TRACKS = """\
vehicle_id,timestamp,latitude,longitude
4716,2026-01-26 15:57:02,53.44451,-2.925173
4716,2026-01-26 15:57:24,53.445026,-2.923543
"""


def guanche(*arguments: str, url: str = "mqtt://127.0.0.1:1") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GUANCHE, *arguments],
        env={**os.environ, "GUANCHE_MQTT_URL": url, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_simulate_sums_up_as_json(broker: embedded.Broker, tmp_path: Path) -> None:
    log = tmp_path / "acks.tsv"
    ended = guanche(
        "simulate",
        "--vehicles=20",
        "--rate=400",
        "--duration=500ms",
        "--scenario=worst_day",
        f"--ack-log={log}",
        "--json",
        url=broker.url,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    summary = json.loads(ended.stdout)
    assert summary["published"] == summary["acknowledged"] > 100
    assert len(read_ack_log(log)) == summary["samples_sent"]
    assert (summary["vehicles"], summary["scenario"], summary["seed"]) == (20, "worst_day", 1)


def test_simulate_speaks_to_people(broker: embedded.Broker) -> None:
    ended = guanche("simulate", "--rate=100", "--duration=300ms", "--per-device", url=broker.url)
    assert ended.returncode == 0
    assert f"200 vehicles → 127.0.0.1:{broker.port}, seed 1: Nothing goes wrong" in ended.stderr
    assert "messages acknowledged in" in ended.stdout
    assert "sent by 200 vehicles" in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_simulate_ends_in_order_when_told(
    broker: embedded.Broker, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "acks.tsv"
    command = [*GUANCHE, "simulate", "--rate=200", "--json", f"--ack-log={log}"]
    with subprocess.Popen(
        command,
        env={**os.environ, "GUANCHE_MQTT_URL": broker.url},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        while not (log.exists() and log.stat().st_size):
            assert process.poll() is None
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    summary = json.loads(said)
    assert summary["acknowledged"] == summary["published"] == len(read_ack_log(log))


@pytest.mark.parametrize(
    ("arguments", "exit_code", "problem"),
    [
        pytest.param(["simulate"], 1, "error no broker at 127.0.0.1:1: Connection refused",
                     id="no broker", marks=pytest.mark.timeout(60)),
        pytest.param(["simulate", "--scenario=nope"], 2, "error no scenario 'nope'", id="scenario"),
        pytest.param(["simulate", "--duration=soon"], 2, "error 'soon' is not a length", id="time"),
        pytest.param(["simulate", "--speed-up=9"], 2, "error a speed-up needs", id="speed-up"),
        pytest.param(["replay", "gone.csv"], 2, "error gone.csv: No such file", id="file"),
        pytest.param(["replay", "gone.csv", "--map=x"], 2, "error 'x' is not field", id="mapping"),
        pytest.param(["replay", "gone.csv", "--zone=Mars"], 2, "error 'Mars' is not", id="zone"),
    ],
)  # fmt: skip
def test_errors_are_one_line(arguments: list[str], exit_code: int, problem: str) -> None:
    ended = guanche(*arguments)
    assert ended.returncode == exit_code
    assert ended.stderr.startswith(problem)
    assert ended.stdout == ""


def test_scenarios_are_listed() -> None:
    ended = guanche("simulate", "--list-scenarios")
    assert ended.returncode == 0
    names = [line.split()[0] for line in ended.stdout.splitlines()]
    assert names == ["alarms", "calm", "city_day", "rough_network", "worst_day"]


def test_replay_sends_a_file(broker: embedded.Broker, tmp_path: Path) -> None:
    path, log = tmp_path / "tracks.csv", tmp_path / "acks.tsv"
    path.write_text(TRACKS, encoding="utf-8")
    ended = guanche(
        "replay",
        str(path),
        "--shift-to-now",
        "--fast",
        "--device-prefix=BUS",
        f"--ack-log={log}",
        url=broker.url,
    )
    assert ended.returncode == 0
    assert "2 samples, devices: 1 (BUS4716)" in ended.stderr
    assert "device ← vehicle_id, ts ← timestamp, lat ← latitude, lon ← longitude" in ended.stderr
    assert "2 of 2 messages acknowledged" in ended.stdout
    first, last = read_ack_log(log)
    assert (first.device_id, last.ts_ms - first.ts_ms) == ("BUS4716", 22_000)


def test_replay_warns_of_samples_that_are_too_old(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(TRACKS, encoding="utf-8")
    ended = guanche("replay", str(path), "--check")
    assert ended.returncode == 0
    assert "2 of 2 samples are older than 30 days and will be refused as too_old" in ended.stderr


def test_replay_sends_nothing_of_a_bad_file(broker: embedded.Broker, tmp_path: Path) -> None:
    path, log = tmp_path / "tracks.csv", tmp_path / "acks.tsv"
    path.write_text(TRACKS + "4716,2026-01-26 15:57:48,99,0\n", encoding="utf-8")
    ended = guanche("replay", str(path), "--fast", f"--ack-log={log}", url=broker.url)
    assert ended.returncode == 2
    assert "line 4, column 'latitude' (lat): '99' is outside -90–90" in ended.stderr
    assert not log.exists()


def test_credentials_are_read(tmp_path: Path) -> None:
    path = tmp_path / "passwords.csv"
    path.write_text("SIM000002,b\nSIM000001, a\n\n", encoding="utf-8")
    assert read_credentials(path, ["SIM000001"]) == [DeviceLogin("SIM000001", "a")]
    with pytest.raises(Invalid, match="no password of SIM000003"):
        read_credentials(path, ["SIM000001", "SIM000003"])
    path.write_text("SIM000001\n", encoding="utf-8")
    with pytest.raises(Invalid, match="line 1: write device_id,password"):
        read_credentials(path, ["SIM000001"])


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        allow_open_files(300)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, before[1])
        allow_open_files(200)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, before[1])
        if before[1] != resource.RLIM_INFINITY:
            with pytest.raises(Invalid, match=r"\(ulimit -n\)"):
                allow_open_files(before[1] + 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        pytest.param(
            Progress(2.0, 4_000, 4_000, 3_900, 0.1, 0, ""),
            "[bold]1,900[/] msg/s  3,900 acknowledged  100 in flight",
            id="all is well",
        ),
        pytest.param(
            Progress(2.0, 4_000, 4_000, 2_000, 3.0, 2, "Connection refused"),
            "[bold]0[/] msg/s  2,000 acknowledged  2,000 in flight  [yellow]3.0 s behind[/]"
            "  [yellow]2 reconnects[/]  [red]Connection refused[/]",
            id="the broker is away",
        ),
    ],
)
def test_progress_line(progress: Progress, expected: str) -> None:
    before = Progress(1.0, 2_000, 2_000, 2_000, 0.0, 0, "")
    assert progress_text(before, progress) == expected
