"""`extra`: what the contract does not name, kept where it can be stored."""

import json
from typing import Any

import pytest

from .builders import known, read, read_bytes, refuse


def keys(count: int) -> dict[str, int]:
    return {f"k{number}": number for number in range(count)}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"extra": None}, None, id="null"),
        pytest.param({"extra": {}}, None, id="empty"),
        pytest.param({"extra": {"a": 1}}, {"a": 1}, id="given"),
        pytest.param({"a": 1}, {"a": 1}, id="unknown key"),
        pytest.param({"a": None}, {"a": None}, id="unknown key, null"),
        pytest.param({"extra": {"a": 1}, "b": 2}, {"a": 1, "b": 2}, id="given and unknown key"),
        pytest.param({"Ts": 9}, {"Ts": 9}, id="a name but for its case"),
        pytest.param({"": 0}, {"": 0}, id="the empty key"),
        pytest.param({"extra": {"soc_pct": 9}}, {"soc_pct": 9}, id="a name inside extra"),
        pytest.param({"extra": {"舱温": "−18 ℃"}}, {"舱温": "−18 ℃"}, id="Chinese"),
        pytest.param({"extra": {"a": "🚚"}}, {"a": "🚚"}, id="a whole surrogate pair"),
        pytest.param(
            {"extra": {"s": "", "i": -1, "f": 1.5, "b": True, "n": None}},
            {"s": "", "i": -1, "f": 1.5, "b": True, "n": None},
            id="every scalar",
        ),
        pytest.param({"extra": {"a": 2**70}}, {"a": 2**70}, id="a very large integer"),
        pytest.param({"extra": keys(32)}, keys(32), id="32 keys"),
        pytest.param(keys(32), keys(32), id="32 unknown keys"),
    ],
)
def test_stored_whole(sent: dict[str, Any], stored: dict[str, Any] | None) -> None:
    reading = read(**sent)
    assert (reading.extra, reading.invalid_fields, known(reading)) == (stored, (), {})


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param({"a": {"b": 1}, "c": 2}, {"c": 2}, id="nested object"),
        pytest.param({"a": [1], "c": 2}, {"c": 2}, id="array"),
        pytest.param({"a": []}, None, id="nothing is left"),
        pytest.param({"a": "x\0y", "c": 2}, {"c": 2}, id="NUL in a value"),
        pytest.param({"a\0": 1, "c": 2}, {"c": 2}, id="NUL in a key"),
        pytest.param({"a": "\ud800", "c": 2}, {"c": 2}, id="half a surrogate pair in a value"),
        pytest.param({"\udfff": 1, "c": 2}, {"c": 2}, id="half a surrogate pair in a key"),
        pytest.param({"a": float("nan"), "c": 2}, {"c": 2}, id="NaN"),
        pytest.param({"a": float("-inf"), "c": 2}, {"c": 2}, id="minus infinity"),
    ],
)
def test_what_cannot_be_stored_is_left_out_and_named(
    sent: dict[str, Any], stored: dict[str, Any] | None
) -> None:
    for sample in ({"extra": sent}, sent):
        reading = read(**sample, soc_pct=50)
        assert reading.extra == stored
        assert reading.invalid_fields == ("extra",)
        assert known(reading) == {"soc_pct": 50.0}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"extra": keys(33)}, id="given"),
        pytest.param(keys(33), id="unknown keys"),
        pytest.param({"extra": keys(32), "one_more": 1}, id="given and one unknown"),
    ],
)
def test_a_33rd_key_is_one_too_many(sent: dict[str, Any]) -> None:
    reading = read(**sent)
    assert reading.extra is not None
    assert len(reading.extra) == 32
    assert reading.invalid_fields == ("extra",)


def test_a_number_beyond_floats_is_not_finite() -> None:
    reading = read_bytes(b'{"ts":1,"extra":{"a":1e999,"b":1}}')
    assert (reading.extra, reading.invalid_fields) == ({"b": 1}, ("extra",))


@pytest.mark.parametrize(
    "extra", [1, "a", True, [], [{"a": 1}]], ids=["number", "string", "true", "array", "objects"]
)
def test_extra_must_be_an_object(extra: object) -> None:
    rejection = refuse(extra=extra)
    assert (rejection.reason, rejection.detail[:7]) == ("bad_schema", "extra: ")


def test_what_extra_says_itself_goes_before_an_unknown_key() -> None:
    assert read(extra={"a": 1}, a=2).extra == {"a": 1}


def test_whole_and_broken_numbers_stay_what_they_are() -> None:
    payload = json.dumps({"ts": 1, "extra": {"i": 1, "f": 1.0}}).encode()
    extra = read_bytes(payload).extra
    assert extra is not None
    assert {key: type(value) for key, value in extra.items()} == {"i": int, "f": float}
