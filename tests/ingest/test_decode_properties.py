"""Laws of decoding, on samples and bytes that nobody thought of."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode import decode_telemetry
from ingest.delivery import Delivery
from ingest.pipeline import process
from tests.schemas.contract import CHOICES, NUMBERS, ORDER, Range

from .builders import BOUND, NOW_US, encode, known, read_bytes

CASES = settings(max_examples=150, deadline=None)
storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable_text
)


def within(number: Range) -> st.SearchStrategy[float]:
    whole = st.integers(int(number.low), int(number.high))
    if number.whole:
        return whole
    return whole | st.floats(number.low, number.high)


def position(latitude: float, longitude: float, fix: bool) -> dict[str, Any]:
    return {"lat": latitude, "lon": longitude, "fix": fix} if latitude or longitude else {}


positions: st.SearchStrategy[dict[str, Any]] = st.just(dict[str, Any]()) | st.builds(
    position, within(NUMBERS[0]), within(NUMBERS[1]), st.booleans()
)
others = st.fixed_dictionaries(
    {},
    optional={
        **{number.name: within(number) for number in NUMBERS[2:]},
        **{name: st.sampled_from(words) for name, words in CHOICES.items()},
    },
)
identities = st.fixed_dictionaries(
    {"ts": st.integers(0, 2**45) | st.datetimes().map(lambda at: at.isoformat() + "Z")},
    optional={
        "seq": st.integers(0, 2**63 - 1),
        "vin": storable_text,
        "extra": st.dictionaries(storable_text, scalars, max_size=31),
    },
)
samples = st.builds(lambda *parts: {k: v for p in parts for k, v in p.items()},
                    identities, positions, others)  # fmt: skip

anything = st.recursive(
    scalars | st.floats() | st.integers() | st.sampled_from([1e308, -1e308, 10**400, "\ud800\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
odd_samples = anything | st.dictionaries(
    st.sampled_from([*ORDER, "ts", "seq", "vin", "extra", "x"]), anything, max_size=6
)
odd_payloads = (
    st.binary()
    | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))
    | (odd_samples | st.lists(odd_samples)).map(lambda found: json.dumps(found).encode())
)


@CASES
@given(odd_payloads)
def test_no_bytes_raise_and_none_vanish(payload: bytes) -> None:
    readings, rejections = decode_telemetry(payload)
    if readings or rejections:
        assert {rejection.reason for rejection in rejections} <= {
            "bad_encoding",
            "bad_json",
            "bad_schema",
        }
    else:
        assert json.loads(payload) == []


@CASES
@given(odd_payloads)
def test_no_bytes_stop_the_pipeline(payload: bytes) -> None:
    publish = (b"v1/T1/up/telemetry", payload, False, 1)
    batch = process([Delivery([publish], NOW_US)], BOUND, {})
    readings, rejections = decode_telemetry(payload)
    assert batch.accepted + len(batch.refusals) == len(readings) + len(rejections)
    for refusal in batch.refusals:
        assert "the decoder failed" not in refusal.detail
        assert "\0" not in refusal.detail
        assert refusal.detail.encode()
        assert refusal.raw in payload


@CASES
@given(st.lists(odd_samples, max_size=5))
def test_every_sample_of_a_batch_is_read_or_refused(items: list[Any]) -> None:
    texts = [json.dumps(item) for item in items]
    readings, rejections = decode_telemetry(f"[{','.join(texts)}]".encode())
    places = [reading.place for reading in readings]
    refused = [text for place, text in enumerate(texts) if place not in places]
    assert [rejection.raw.decode() for rejection in rejections] == refused


@CASES
@given(samples)
def test_a_sample_is_read_the_same_strictly_and_leniently(sample: dict[str, Any]) -> None:
    strict = read_bytes(encode(sample))
    lenient = read_bytes(encode({**sample, "zz": 1}))
    assert lenient.extra == {**(strict.extra or {}), "zz": 1}
    assert strict.ts_us == lenient.ts_us
    assert strict.seq == lenient.seq
    assert strict.vin == lenient.vin
    assert strict.measured == lenient.measured
    assert [type(value) for value in strict.measured] == [type(value) for value in lenient.measured]
    assert (strict.invalid_fields, lenient.invalid_fields) == ((), ())


@CASES
@given(samples)
def test_what_is_in_range_is_read_back_whole(sample: dict[str, Any]) -> None:
    reading = read_bytes(encode(sample))
    assert known(reading) == {name: sample[name] for name in ORDER if name in sample}
    assert reading.seq == sample.get("seq", 0)
    assert reading.vin == sample.get("vin")
    assert reading.extra == (sample.get("extra") or None)
    if isinstance(sample["ts"], int):
        assert reading.ts_us == sample["ts"] * 1_000


@CASES
@given(st.lists(samples, min_size=2, max_size=4))
def test_a_batch_is_its_samples(items: list[dict[str, Any]]) -> None:
    readings, rejections = decode_telemetry(encode(*items))
    alone = [read_bytes(encode(item)) for item in items]
    assert rejections == []
    assert [(r.ts_us, r.seq, r.measured, r.extra) for r in readings] == [
        (r.ts_us, r.seq, r.measured, r.extra) for r in alone
    ]
