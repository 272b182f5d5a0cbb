"""Every measured field: its bounds, what lies just outside, and what is of the wrong type."""

import json
import math
from typing import Any

import pytest

from tests.schemas.contract import CHOICES, NUMBERS, ORDER, Range

from .builders import FULL, known, read, read_bytes, refuse, refuse_bytes

OTHER_HALF: dict[str, dict[str, Any]] = {"lat": {"lon": 5.0}, "lon": {"lat": 5.0}}
"""A position has two numbers; without the other one, a good one is no good."""


def beyond(number: Range) -> list[float]:
    """The nearest numbers outside the range, and far ones."""
    if number.whole:
        return [int(number.low) - 1, int(number.high) + 1, 10**30, -(10**30)]
    low, high = float(number.low), float(number.high)
    return [math.nextafter(low, -math.inf), math.nextafter(high, math.inf), 1e300, -1e300]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_both_bounds_are_inside(number: Range) -> None:
    for bound in (number.low, number.high):
        value = bound or 0  # -0 is 0
        for extra in ({}, {"unknown": 1}):
            reading = read(**{number.name: value, **OTHER_HALF.get(number.name, {}), **extra})
            assert known(reading)[number.name] == value
            assert type(known(reading)[number.name]) is (int if number.whole else float)
            assert reading.invalid_fields == ()


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_just_outside_is_unknown_and_named(number: Range) -> None:
    for value in beyond(number):
        reading = read(**{**FULL, number.name: value})
        lost = {"lat", "lon", "fix"} if number.name in {"lat", "lon"} else {number.name}
        assert set(known(reading)) | lost == set(ORDER)
        assert number.name not in known(reading)
        assert set(reading.invalid_fields) == (lost - {"fix"})


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("number", NUMBERS[2:], ids=lambda number: number.name)
def test_not_finite_is_unknown_and_named(number: Range, token: str) -> None:
    reading = read_bytes(f'{{"ts":1,"gear":"D","{number.name}":{token}}}'.encode())
    assert known(reading) == {"gear": "D"}
    assert reading.invalid_fields == (number.name,)


@pytest.mark.parametrize("name", CHOICES)
def test_every_word_of_a_choice(name: str) -> None:
    for word in CHOICES[name]:
        for extra in ({}, {"unknown": 1}):
            reading = read(**{name: word}, **extra)
            assert (known(reading), reading.invalid_fields) == ({name: word}, ())


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize(
    "word", ["", "ON", "p", "0", "13", "on ", "驾驶", "\0", "\ud800"], ids=repr
)
def test_any_other_word_is_unknown_and_named(name: str, word: str) -> None:
    reading = read(**{name: word}, soc_pct=50)
    assert (known(reading), reading.invalid_fields) == ({"soc_pct": 50.0}, (name,))


@pytest.mark.parametrize("name", ORDER)
def test_a_wrong_type_refuses_the_sample(name: str) -> None:
    wrong: list[object] = [[], {}, [1], {"a": 1}]
    if name == "fix":
        wrong += [1, 0, 1.0, "true"]
    elif name in CHOICES:
        wrong += [1, 1.5, True]
    else:
        wrong += ["1", "", True, False]
    for value in wrong:
        rejection = refuse(**{**FULL, name: value})
        assert rejection.reason == "bad_schema", value
        assert rejection.detail.startswith(f"{name}: "), value


@pytest.mark.parametrize("name", ["alarm_level", "alarm_bits", "signal_dbm"])
def test_an_integer_may_be_written_as_a_float_but_not_be_a_fraction(name: str) -> None:
    whole, fraction = (-3.0, -3.5) if name == "signal_dbm" else (3.0, 3.5)
    assert known(read(**{name: whole})) == {name: int(whole)}
    assert type(known(read(**{name: whole}, unknown=1))[name]) is int
    assert refuse(**{name: fraction})[0] == "bad_schema"


@pytest.mark.parametrize("name", ORDER)
def test_null_is_unknown_and_nothing_to_remark(name: str) -> None:
    reading = read(**{name: None})
    assert (known(reading), reading.invalid_fields) == ({}, ())


def test_a_full_sample_is_read_whole() -> None:
    reading = read(ts=5, seq=9, vin="V", extra={"a": 1, "b": "二", "c": None, "d": False}, **FULL)
    assert (reading.ts_us, reading.seq, reading.vin) == (5_000, 9, "V")
    assert known(reading) == FULL
    assert reading.extra == {"a": 1, "b": "二", "c": None, "d": False}
    assert reading.invalid_fields == ()


def test_several_faults_are_all_named() -> None:
    reading = read(**{**FULL, "soc_pct": 101, "gear": "X", "alarm_level": 5, "signal_dbm": 1})
    assert set(reading.invalid_fields) == {"soc_pct", "gear", "alarm_level", "signal_dbm"}
    assert len(known(reading)) == len(ORDER) - 4


def test_numbers_keep_every_digit() -> None:
    payload = b'{"ts":1,"lat":22.543096123456789,"lon":114.1,"odometer_km":999999.85}'
    assert known(read_bytes(payload)) == {
        "lat": 22.543096123456789,
        "lon": 114.1,
        "fix": True,
        "odometer_km": 999_999.85,
    }


@pytest.mark.parametrize("digits", [400, 4_000])
def test_a_number_of_very_many_digits_is_out_of_range(digits: int) -> None:
    payload = b'{"ts":1,"speed_kmh":' + b"9" * digits + b"}"
    assert read_bytes(payload).invalid_fields == ("speed_kmh",)


def test_the_last_of_two_equal_keys_counts() -> None:
    assert known(read_bytes(b'{"ts":1,"soc_pct":10,"soc_pct":20}')) == {"soc_pct": 20.0}
    assert known(read_bytes(b'{"ts":1,"soc_pct":"x","soc_pct":20}')) == {"soc_pct": 20.0}
    assert refuse_bytes(b'{"ts":1,"soc_pct":20,"soc_pct":"x"}').reason == "bad_schema"


def test_escaped_keys_are_the_same_keys() -> None:
    payload = json.dumps({"ts": 1, "soc_pct": 40}).replace("soc", "\\u0073oc").encode()
    assert known(read_bytes(payload)) == {"soc_pct": 40.0}
