"""Servers of our own: they serve, stop, crash and hang on demand, and never outlive us."""

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from guanche import embedded, embedded_installation, embedded_postgres
from guanche.embedded_process import ServerProcess, is_listening
from kit import clock
from tests.fixtures.services import missing


def wait_until(met: Callable[[], bool], *, within_s: float = 20) -> None:
    """Poll until `met`; fail the test when it takes too long."""
    deadline = clock.monotonic() + within_s
    while not met():
        assert clock.monotonic() < deadline, "waited in vain"
        clock.sleep(0.02)


def ask(url: str) -> int:
    with psycopg.connect(url, connect_timeout=5) as conn:
        row = conn.execute("SELECT 40 + 2").fetchone()
    assert row is not None
    return int(row[0])


def test_a_stopped_or_crashed_server_keeps_its_data_and_its_port(
    private_server: embedded.PostgresServer,
) -> None:
    url, first_pid = private_server.url, private_server.pid
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS number")

    for mode in ("fast", "immediate"):
        private_server.stop(mode)
        assert not private_server.running
        with pytest.raises(psycopg.OperationalError):
            ask(url)
        private_server.start()
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT number FROM kept").fetchall() == [(7,)]

    assert private_server.url == url
    assert private_server.pid != first_pid


def test_a_frozen_server_answers_nothing_until_it_thaws(
    private_server: embedded.PostgresServer,
) -> None:
    with psycopg.connect(private_server.url, autocommit=True) as conn:
        private_server.freeze()
        conn.pgconn.send_query(b"SELECT 1")
        conn.pgconn.flush()
        processes = [psutil.Process(private_server.pid)]
        processes += processes[0].children(recursive=True)
        halted = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}  # one may just have ended
        wait_until(lambda: {p.status() for p in processes} <= halted)
        conn.pgconn.consume_input()
        assert conn.pgconn.is_busy() == 1

        private_server.thaw()
        result = conn.pgconn.get_result()
        assert result is not None
        assert result.get_value(0, 0) == b"1"
        assert conn.pgconn.get_result() is None


def test_a_frozen_server_can_be_stopped(private_server: embedded.PostgresServer) -> None:
    private_server.freeze()
    private_server.stop()
    assert not private_server.running
    with pytest.raises(embedded.ServerFailed, match="cannot be frozen"):
        private_server.freeze()
    private_server.start()
    with pytest.raises(embedded.ServerFailed, match="running already"):
        private_server.start()
    assert ask(private_server.url) == 42


def test_closing_leaves_no_process_and_no_data(tmp_path: Path) -> None:
    with embedded.running_postgres(embedded.find_embedded(), tmp_path) as server:
        postmaster = psutil.Process(server.pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        data = postmaster.cwd()
    assert [p.pid for p in processes if p.is_running()] == []
    assert not Path(data).exists()


def test_the_url_of_the_embedded_server_is_all_the_demo_needs(tmp_path: Path) -> None:
    with embedded.embedded_postgres(tmp_path) as url:
        assert ask(url) == 42


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")
def test_folders_that_only_root_can_enter_are_left_as_they_are(tmp_path: Path) -> None:
    """A project below root's home directory: programs and data lie elsewhere while it runs."""
    original = embedded.find_embedded()
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    package = original.programs.parents[1]
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), hidden / name)
    programs = hidden / original.programs.relative_to(package.parent)
    installation = dataclasses.replace(original, programs=programs)
    with embedded.running_postgres(installation, hidden / "folder") as server:
        postmaster = psutil.Process(server.pid)
        used = [Path(postmaster.exe()), Path(postmaster.cwd())]
        assert ask(server.url) == 42
    assert [path.is_relative_to(hidden) for path in used] == [False, False]
    assert [path.exists() for path in used] == [False, False]
    assert hidden.stat().st_mode & 0o777 == 0o700


def test_a_server_that_refuses_its_settings_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(embedded.ServerFailed, match="no_such_setting"),
        embedded.running_postgres(embedded.find_embedded(), tmp_path, {"no_such_setting": "1"}),
    ):
        pass


def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    process = ServerProcess([str(tmp_path / "nothing-here")], log=tmp_path / "log")
    with pytest.raises(embedded.ServerFailed, match="nothing-here"):
        process.launch()
    assert not process.running


def test_without_timescaledb_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "find_timescaledb", lambda: None)
    with (
        pytest.raises(embedded.ServerFailed, match="make services"),
        embedded.timescale_server(tmp_path),
    ):
        pass


def test_the_account_of_a_private_tree_is_read_from_the_tree(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(
        "root:x:0:0::/root:/bin/sh\npostgres:x:4711:4712::/:/bin/sh\n"
    )
    assert embedded_installation._account_in_tree(tmp_path, "postgres") == (4711, 4712)
    with pytest.raises(embedded.ServerFailed, match="no user mosquitto"):
        embedded_installation._account_in_tree(tmp_path, "mosquitto")


def test_mosquitto_stops_dies_and_hangs(broker: embedded.Broker) -> None:
    assert (broker.kind, broker.mqtt_version) == ("mosquitto", "5")
    assert broker.url == f"mqtt://127.0.0.1:{broker.port}"
    for end in (broker.stop, broker.kill):
        before = broker.pid
        end()
        assert not broker.running
        assert not is_listening(broker.port)
        broker.start()
        assert is_listening(broker.port)
        assert broker.pid != before
    broker.freeze()
    assert psutil.Process(broker.pid).status() == psutil.STATUS_STOPPED
    broker.thaw()
    wait_until(lambda: psutil.Process(broker.pid).status() != psutil.STATUS_STOPPED)


def test_a_broker_whose_port_another_has_does_not_start(broker: embedded.Broker) -> None:
    broker.stop()
    with (
        socket.create_server(("127.0.0.1", broker.port)),
        pytest.raises(embedded.ServerFailed, match="Address already in use"),
    ):
        broker.start()


def test_free_ports_are_none_that_clients_get() -> None:
    ports = {embedded.find_free_port() for _ in range(50)}
    assert len(ports) > 40
    assert all(16_384 <= port < 32_768 for port in ports)


def test_mosquitto_takes_extra_configuration(tmp_path: Path) -> None:
    if embedded.find_mosquitto() is None:
        missing("mosquitto", "mosquitto is not installed")
    with (
        pytest.raises(embedded.ServerFailed, match="no_such_option"),
        embedded.mosquitto_broker(tmp_path, config_extra="no_such_option true\n"),
    ):
        pass


def test_the_python_broker_takes_over_without_mosquitto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanche.embedded_broker.find_mosquitto", lambda: None)
    with embedded.embedded_broker(tmp_path) as broker:
        assert (broker.kind, broker.mqtt_version) == ("amqtt", "3.1.1")
        assert is_listening(broker.port)
        broker.stop()
        assert not broker.running
        broker.start()
    assert not is_listening(broker.port)


STARTS_ALL = """
    import sys, threading
    from pathlib import Path
    from guanche import embedded

    folder = Path(sys.argv[1])
    with (
        embedded.running_postgres(embedded.find_embedded(), folder / "database") as server,
        embedded.amqtt_broker(folder / "broker") as broker,
    ):
        # Started again by a thread that has ended: they must not end with the thread.
        server.stop()
        thread = threading.Thread(target=server.start)
        thread.start()
        thread.join()
        if sys.argv[2] == "frozen":
            server.freeze()
            broker.freeze()
        print(server.pid, broker.pid, flush=True)
        threading.Event().wait()
"""


@pytest.mark.reliability
@pytest.mark.parametrize(
    ("how", "state"),
    [
        pytest.param(signal.SIGKILL, "awake", id="parent killed"),
        pytest.param(signal.SIGKILL, "frozen", id="parent killed, servers frozen"),
        pytest.param(signal.SIGTERM, "awake", id="parent ended without clean-up"),
        pytest.param(signal.SIGINT, "awake", id="Ctrl-C"),
    ],
)
def test_no_server_outlives_its_parent(how: signal.Signals, state: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(STARTS_ALL), str(tmp_path), state],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        family = [*servers, *(child for s in servers for child in s.children(recursive=True))]
        family += [guard for s in servers if (guard := s.parent()) is not None]
        assert len(family) > 4
        data = Path(servers[0].cwd())
        assert data.is_dir()
        parent.send_signal(how)
        parent.wait(20)
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert [p.pid for p in alive] == []
    assert len(gone) == len(family)
    assert not data.exists()
