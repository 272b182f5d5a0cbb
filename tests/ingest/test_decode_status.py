"""The payload of `up/status`."""

from datetime import UTC, datetime

import pytest

from ingest.decode import decode_status
from ingest.reading import Rejection
from schemas.telemetry import Reason, Status

EIGHT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b'{"online":true}', Status(True), id="online"),
        pytest.param(b'{"online":false}', Status(False), id="offline"),
        pytest.param(b'{"online":false,"at":null}', Status(False), id="at unknown"),
        pytest.param(b'{"online":true,"at":5}', Status(True, 5), id="at in ms"),
        pytest.param(
            b'{"online":true,"at":"2026-03-01T16:00:00+08:00"}', Status(True, EIGHT), id="at"
        ),
        pytest.param(b'{"at":5,"online":true,"ip":"::1"}', Status(True, 5), id="unknown key"),
    ],
)
def test_read(payload: bytes, expected: Status) -> None:
    assert decode_status(payload) == expected


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"", "bad_json", id="empty: a retained status taken back"),
        pytest.param(b"online", "bad_json", id="a word"),
        pytest.param(b"[" * 100_000, "bad_json", id="too deep"),
        pytest.param(b'{"online":"\xff"}', "bad_encoding", id="no UTF-8"),
        pytest.param(b"true", "bad_schema", id="no object"),
        pytest.param(b"[]", "bad_schema", id="an array"),
        pytest.param(b"{}", "bad_schema", id="online is missing"),
        pytest.param(b'{"online":1}', "bad_schema", id="a number"),
        pytest.param(b'{"online":"true"}', "bad_schema", id="a string"),
        pytest.param(b'{"online":null}', "bad_schema", id="null"),
        pytest.param(b'{"online":true,"at":"2026-03-01T16:00:00"}', "bad_schema", id="no offset"),
        pytest.param(
            b'{"online":true,"a":"' + b"x" * 262_144 + b'"}', "too_large", id="over 256 KiB"
        ),
        pytest.param(
            b'{"online":true,"a":"\xff"}', "bad_encoding", id="no UTF-8 in what is skipped"
        ),
    ],
)
def test_refused(payload: bytes, reason: Reason) -> None:
    status = decode_status(payload)
    assert isinstance(status, Rejection)
    assert (status.reason, status.raw) == (reason, payload)
