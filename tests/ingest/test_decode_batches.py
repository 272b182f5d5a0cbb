"""Whole payloads: size, encoding, JSON, batches; what is refused and with which bytes."""

import json
from typing import Any

import pytest

from ingest.decode import decode_telemetry, raw_sample
from schemas.telemetry import Reason

from .builders import encode, read_bytes, refuse_bytes

KIB_256 = 262_144


def padded(size: int) -> bytes:
    """A good sample of exactly so many bytes."""
    head, tail = b'{"ts":1,"extra":{"a":"', b'"}}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


def test_256_kib_are_read_and_one_byte_more_is_not() -> None:
    assert read_bytes(padded(KIB_256)).ts_us == 1_000
    rejection = refuse_bytes(padded(KIB_256 + 1))
    assert rejection.reason == "too_large"
    assert "262145 bytes" in rejection.detail
    assert rejection.raw == padded(KIB_256 + 1)


def test_size_goes_before_everything_else() -> None:
    assert refuse_bytes(b"\xff" * (KIB_256 + 1)).reason == "too_large"
    assert refuse_bytes(b"\xff" * KIB_256).reason == "bad_encoding"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"\xff", "bad_encoding", id="no UTF-8"),
        pytest.param(b'{"ts":1,"vin":"\xc3"}', "bad_encoding", id="half a character"),
        pytest.param(b'{"ts":1,"\xff":1}', "bad_encoding", id="in a key"),
        pytest.param(b'{"ts":1,"extra":{"a":"\xed\xa0\x80"}}', "bad_encoding", id="raw surrogate"),
        pytest.param('{"ts":1}'.encode("utf-16"), "bad_encoding", id="UTF-16"),
        pytest.param('{"vin":"粤"}'.encode("gb18030"), "bad_encoding", id="GB 18030"),
        pytest.param(b"", "bad_json", id="empty"),
        pytest.param(b" \n", "bad_json", id="white space"),
        pytest.param(b"\x00", "bad_json", id="NUL"),
        pytest.param(b"online", "bad_json", id="a word"),
        pytest.param(b'{"ts":1', "bad_json", id="cut"),
        pytest.param(b'{"ts":1}x', "bad_json", id="something after"),
        pytest.param(b'{"ts":1}{"ts":2}', "bad_json", id="two objects"),
        pytest.param(b"{'ts':1}", "bad_json", id="single quotes"),
        pytest.param(b'{"ts":1,}', "bad_json", id="trailing comma"),
        pytest.param(b'{"ts":01}', "bad_json", id="leading zero"),
        pytest.param(b'\xef\xbb\xbf{"ts":1}', "bad_json", id="byte order mark"),
        pytest.param(b'{"ts":1,"vin":"a\nb"}', "bad_json", id="a raw line end in a string"),
        pytest.param(b"[" * 100_000, "bad_json", id="100,000 open brackets"),
        pytest.param(b'{"a":' * 40_000, "bad_json", id="40,000 open braces"),
        pytest.param(b"[" * 60_000 + b"]" * 60_000, "bad_json", id="too deep to be read"),
        pytest.param(b"null", "bad_schema", id="null"),
        pytest.param(b"1", "bad_schema", id="number"),
        pytest.param(b"NaN", "bad_schema", id="NaN"),
        pytest.param(b'"ts"', "bad_schema", id="string"),
        pytest.param(b"{}", "bad_schema", id="no ts"),
    ],
)
def test_a_payload_is_refused_whole(payload: bytes, reason: Reason) -> None:
    rejection = refuse_bytes(payload)
    assert (rejection.reason, rejection.raw) == (reason, payload)


def test_white_space_around_is_json() -> None:
    assert read_bytes(b' \r\n\t{ "ts" : 1 } \n').ts_us == 1_000


def test_an_empty_batch_is_nothing() -> None:
    assert decode_telemetry(b"[]") == ([], [])
    assert decode_telemetry(b" [ ] ") == ([], [])


def test_a_batch_of_one_is_a_batch() -> None:
    reading = read_bytes(b'[{"ts":7}]')
    assert (reading.ts_us, reading.place) == (7_000, 0)


@pytest.mark.parametrize("unknown", [{}, {"unknown": 1}], ids=["strict", "lenient"])
def test_1000_samples_are_read_and_one_more_refuses_all(unknown: dict[str, int]) -> None:
    samples = [{"ts": number, **unknown} for number in range(1_001)]
    readings, rejections = decode_telemetry(encode(*samples[:1_000]))
    assert rejections == []
    assert [reading.ts_us for reading in readings] == [number * 1_000 for number in range(1_000)]
    assert [reading.place for reading in readings] == list(range(1_000))
    rejection = refuse_bytes(encode(*samples))
    assert (rejection.reason, rejection.raw) == ("bad_schema", encode(*samples))
    assert "1001 samples" in rejection.detail


def test_the_order_of_a_batch_is_kept_as_sent() -> None:
    readings, _ = decode_telemetry(b'[{"ts":3},{"ts":1},{"ts":2},{"ts":1}]')
    assert [(reading.ts_us, reading.place) for reading in readings] == [
        (3_000, 0),
        (1_000, 1),
        (2_000, 2),
        (1_000, 3),
    ]


def test_only_the_offending_samples_of_a_batch_are_refused() -> None:
    items = [
        '{"ts":1,"soc_pct":50}',
        '{ "ts" : "yesterday",\t"x": 1.50 }',
        "[]",
        '{"ts":2,"soc_pct":101}',
        "null",
        '{"ts":3,"seq":-1}',
        '{"ts":4,"unknown":true}',
        "{}",
        '{"ts":5,"speed_kmh":"fast"}',
    ]
    readings, rejections = decode_telemetry(f"[{' , '.join(items)}]".encode())
    assert [(r.ts_us, r.place) for r in readings] == [(1_000, 0), (2_000, 3), (4_000, 6)]
    assert {r.reason for r in rejections} == {"bad_schema"}
    assert [r.raw.decode() for r in rejections] == [items[n] for n in (1, 2, 4, 5, 7, 8)]
    assert [r.detail.split(":")[0] for r in rejections] == [
        f"sample {n}" for n in (1, 2, 4, 5, 7, 8)
    ]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param('{"ts":9}', id="plain"),
        pytest.param('{"ts":9,"soc_pct":NaN}', id="NaN beside it"),
        pytest.param('{"ts":9,"vin":"\\ud800"}', id="half a surrogate pair beside it"),
        pytest.param('{"ts":9,"soc_pct":-Infinity}', id="infinity beside it"),
        pytest.param('{"ts":9,"extra":{"a":"],[{"}}', id="brackets in a string beside it"),
        pytest.param('{"ts":9,"vin":"车 \\" \\\\"}', id="escapes beside it"),
    ],
)
def test_raw_bytes_are_exactly_those_sent(odd: str) -> None:
    offending = '{ "ts":"x" , "a":1.50,"a":2, "b":"\\u0041车"}'
    payload = f"[ {odd}\n,\t{offending} , {odd}]".encode()
    readings, rejections = decode_telemetry(payload)
    assert [reading.place for reading in readings] == [0, 2]
    assert [rejection.raw for rejection in rejections] == [offending.encode()]
    assert raw_sample(payload, 0) == odd.encode()
    assert raw_sample(payload, 2) == odd.encode()


def test_the_raw_bytes_of_a_single_sample_are_the_message() -> None:
    for payload in (b' {"ts":1} ', b'{"ts":1,"soc_pct":NaN}\n', b'{"ts":1,"a":[1,2]}'):
        assert raw_sample(payload, 0) == payload


def test_raw_bytes_can_be_read_again() -> None:
    items: list[dict[str, Any]] = [{"ts": 1}, {"ts": "x", "a": [1]}, {"ts": True}]
    _, rejections = decode_telemetry(encode(*items))
    assert [json.loads(rejection.raw) for rejection in rejections] == items[1:]
    assert [refuse_bytes(rejection.raw).raw for rejection in rejections] == [
        rejection.raw for rejection in rejections
    ]
