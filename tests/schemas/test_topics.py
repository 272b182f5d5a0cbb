"""The grammar of topics: who sent what, and what is none of version 1."""

import pytest

from schemas.topics import DEVICE_ID, UpTopic, parse_up_topic, status_topic, telemetry_topic

LONGEST = "a" * 64


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        pytest.param(b"v1/T1/up/telemetry", UpTopic("T1", "telemetry"), id="telemetry"),
        pytest.param(b"v1/T1/up/status", UpTopic("T1", "status"), id="status"),
        pytest.param(b"v1/T1/up/result", UpTopic("T1", "result"), id="result"),
        pytest.param(b"v1/_-Az09/up/status", UpTopic("_-Az09", "status"), id="every character"),
        pytest.param(
            f"v1/{LONGEST}/up/status".encode(), UpTopic(LONGEST, "status"), id="64 characters"
        ),
        pytest.param(f"v1/{LONGEST}a/up/status".encode(), None, id="65 characters"),
        pytest.param(b"v1//up/telemetry", None, id="no device"),
        pytest.param(b"v1/T 1/up/telemetry", None, id="space"),
        pytest.param(b"v1/T.1/up/telemetry", None, id="dot"),
        pytest.param("v1/车1/up/telemetry".encode(), None, id="not ASCII"),
        pytest.param(b"v1/T\xff/up/telemetry", None, id="not UTF-8"),
        pytest.param(b"v1/T\x00/up/telemetry", None, id="NUL"),
        pytest.param(b"v1/T1/up/telemetry\n", None, id="line end"),
        pytest.param(b"v2/T1/up/telemetry", None, id="version 2"),
        pytest.param(b"V1/T1/up/telemetry", None, id="capital V"),
        pytest.param(b"/v1/T1/up/telemetry", None, id="leading slash"),
        pytest.param(b"v1/T1/up/telemetry/", None, id="trailing slash"),
        pytest.param(b"v1/T1/up", None, id="no kind"),
        pytest.param(b"v1/T1/up/Telemetry", None, id="capital kind"),
        pytest.param(b"v1/T1/up/telemetry/more", None, id="a level more"),
        pytest.param(b"v1/T1/down/command", None, id="down-link"),
        pytest.param(b"v1/T1/T2/up/telemetry", None, id="two devices"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_parse_up_topic(topic: bytes, expected: UpTopic | None) -> None:
    assert parse_up_topic(topic) == expected


def test_where_a_device_publishes() -> None:
    assert telemetry_topic("T1") == "v1/T1/up/telemetry"
    assert status_topic("T1") == "v1/T1/up/status"


@pytest.mark.parametrize(("serial", "fits"), [("T1", True), ("", False), (LONGEST + "a", False)])
def test_device_id(serial: str, fits: bool) -> None:
    assert (DEVICE_ID.fullmatch(serial) is not None) == fits
