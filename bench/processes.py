"""Publishers and null subscribers as processes of their own: started, listened to, ended.

Leaves out what they do (`publisher.py`, `null_subscriber.py`) and the servers (`rig.py`).
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import null_subscriber, publisher


class RigFailed(Exception):
    """A part ended by itself or did not start; the message carries its last words."""


class Publishing:
    """A publisher process under way, and its last report."""

    def __init__(self, orders: publisher.Orders) -> None:
        self.report = publisher.Report()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.publisher", msgspec.json.encode(orders).decode()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def finish(self) -> publisher.Report:
        """Wait for its end; the last report.

        Raises:
            RigFailed: it ended before everything was acknowledged.
        """
        self._reader.join()
        code = self._process.wait()
        assert self._process.stderr is not None
        words = self._process.stderr.read().decode(errors="replace")
        self._process.stderr.close()
        if code or not self.report.done:
            raise RigFailed(f"the publisher ended with {code}: {words[-500:]}")
        return self.report

    def abandon(self) -> None:
        """End it where it stands; nothing to do when it has ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.report = msgspec.json.decode(line, type=publisher.Report)


@contextmanager
def publishing(orders: publisher.Orders) -> Iterator[Publishing]:
    """A publisher that does not outlive the block."""
    running = Publishing(orders)
    try:
        yield running
    finally:
        running.abandon()


def start_null_subscriber(
    orders: null_subscriber.Orders, python: Path | None = None
) -> subprocess.Popen[bytes]:
    """A null subscriber process that has subscribed, or failed.

    `python` is an interpreter that has the client, if not ours.
    """
    process = subprocess.Popen(
        [
            str(python or sys.executable),
            "-m",
            "bench.null_subscriber",
            msgspec.json.encode(orders).decode(),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def finish_null_subscriber(process: subprocess.Popen[bytes]) -> null_subscriber.Report:
    """Wait for its end; its report.

    Raises:
        RigFailed: it ended with an error.
    """
    with process:  # `communicate` would miss what is buffered since "ready"
        assert process.stdout is not None and process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
    if process.returncode:
        raise RigFailed(f"a null subscriber failed: {complaint.decode(errors='replace')[-500:]}")
    return msgspec.json.decode(said, type=null_subscriber.Report)


def run_null_subscriber(
    orders: null_subscriber.Orders, python: Path | None = None
) -> null_subscriber.Report:
    """A null subscriber from start to end."""
    return finish_null_subscriber(start_null_subscriber(orders, python))
