"""The publisher's log of what the broker acknowledged: the oracle against which loss is counted.

One line a sample, tab-separated: device, ts in ms, seq, faults, digest. A line is written only
after the PUBACK of the message that carried the sample, so whatever stands here the broker has
promised to deliver. Leaves out: comparing it with the database.
"""

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

NOTHING = "-"


class AckedSample(NamedTuple):
    """A sample that the broker acknowledged, possibly more than once."""

    device_id: str
    ts_ms: int
    """As sent: of a terminal with a wrong clock, its wrong time."""
    seq: int
    faults: frozenset[str]
    """What was done to it on the way, such as `backlog`, `duplicate` or `malformed:bad_json`."""
    digest: str
    """Of a malformed message, `payload_digest` of its payload; else empty."""


def payload_digest(payload: bytes) -> str:
    """Sixteen hexadecimal digits that tell payloads apart."""
    return hashlib.sha256(payload).hexdigest()[:16]


def ack_line(
    device_id: str, ts_ms: int, seq: int, faults: str = NOTHING, digest: str = NOTHING
) -> bytes:
    """The line to log when this sample is acknowledged; `faults` are joined by `+`."""
    return f"{device_id}\t{ts_ms}\t{seq}\t{faults}\t{digest}\n".encode()


class AckLog:
    """An append-only file; what was added is in it after `flush`."""

    def __init__(self, path: Path) -> None:
        """Opens the file and creates it if need be.

        Raises:
            OSError: it cannot be written.
        """
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._lines: list[bytes] = []

    def add(self, lines: bytes) -> None:
        """Remember the lines of one acknowledged message."""
        self._lines.append(lines)

    def flush(self) -> None:
        """Write what was added, in one piece, so that other processes may append too."""
        if self._lines:
            self._file.write(b"".join(self._lines))
            self._lines.clear()

    def close(self) -> None:
        self.flush()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_ack_log(path: Path) -> list[AckedSample]:
    """The acknowledged samples in the order of their acknowledgement.

    A last line without its end was cut off when the publisher was killed, and does not count.

    Raises:
        ValueError: a line that is none of this log; it names the line number.
    """
    found = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                device_id, ts_ms, seq, faults, digest = line.decode().rstrip("\n").split("\t")
                sample = AckedSample(
                    device_id,
                    int(ts_ms),
                    int(seq),
                    frozenset() if faults == NOTHING else frozenset(faults.split("+")),
                    "" if digest == NOTHING else digest,
                )
            except ValueError:
                raise ValueError(f"{os.fspath(path)}, line {number}: not an ack log") from None
            found.append(sample)
    return found
