"""Bindings cut into segments: who held a device at an instant, and who operated then."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.bindings import NEVER_US, BindingRow, Bindings, OperatorRow, Segment, cut, find_segment

from .builders import VIN_A, VIN_B, binding

EAST, WEST = 7, 8
Part = tuple[int | None, int, int]
"""Operator, from, until."""


def operator(organisation_id: int, from_us: int, until_us: int | None = None) -> OperatorRow:
    return OperatorRow(1, organisation_id, from_us, until_us)


def parts(segments: list[Segment]) -> list[Part]:
    return [(s.operator_id, s.from_us, s.until_us) for s in segments]


@pytest.mark.parametrize(
    ("period", "operators", "expected"),
    [
        pytest.param((10, 20), [], [(None, 10, 20)], id="nobody operates"),
        pytest.param((10, None), [], [(None, 10, NEVER_US)], id="open, nobody operates"),
        pytest.param((10, 20), [operator(7, 0)], [(7, 10, 20)], id="one, before and after"),
        pytest.param((10, 20), [operator(7, 10, 20)], [(7, 10, 20)], id="exactly as long"),
        pytest.param((10, 20), [operator(7, 0, 10)], [(None, 10, 20)], id="ended at its start"),
        pytest.param((10, 20), [operator(7, 20, 30)], [(None, 10, 20)], id="began at its end"),
        pytest.param(
            (10, 20), [operator(7, 12)], [(None, 10, 12), (7, 12, 20)], id="began within"
        ),
        pytest.param(
            (10, 20), [operator(7, 0, 12)], [(7, 10, 12), (None, 12, 20)], id="ended within"
        ),
        pytest.param(
            (10, 20),
            [operator(7, 12, 14)],
            [(None, 10, 12), (7, 12, 14), (None, 14, 20)],
            id="within",
        ),
        pytest.param(
            (10, 20), [operator(7, 0, 15), operator(8, 15)], [(7, 10, 15), (8, 15, 20)],
            id="handed over",
        ),
        pytest.param(
            (10, 20),
            [operator(7, 0, 13), operator(8, 16)],
            [(7, 10, 13), (None, 13, 16), (8, 16, 20)],
            id="a gap between two",
        ),
        pytest.param(
            (10, None),
            [operator(7, 0, 11), operator(8, 11, 12), operator(7, 12)],
            [(7, 10, 11), (8, 11, 12), (7, 12, NEVER_US)],
            id="back again",
        ),
        pytest.param(
            (10, 20), [operator(7, 0, 5), operator(8, 25)], [(None, 10, 20)], id="past, to come"
        ),
        pytest.param(
            (10, 20), [operator(7, 11, 12), operator(8, 12, 13), operator(9, 13, 30)],
            [(None, 10, 11), (7, 11, 12), (8, 12, 13), (9, 13, 20)], id="three",
        ),
    ],
)  # fmt: skip
def test_cut(
    period: tuple[int, int | None], operators: list[OperatorRow], expected: list[Part]
) -> None:
    segments = cut(binding(from_us=period[0], until_us=period[1]), operators)
    assert parts(segments) == expected
    end = NEVER_US if period[1] is None else period[1]
    assert {s[:3] + s[6:] for s in segments} == {(101, 1, VIN_A, end)}


@given(
    start=st.integers(0, 30),
    length=st.integers(1, 30) | st.none(),
    marks=st.lists(st.integers(0, 60), unique=True, max_size=12).map(sorted),
    kept=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_segments_tile_their_binding(
    start: int, length: int | None, marks: list[int], kept: list[bool]
) -> None:
    ends: list[int | None] = [*marks[1:], None]
    periods = list(zip(marks, ends, strict=False))
    operators = [
        operator(number, from_us, until_us)
        for number, (from_us, until_us) in enumerate(periods)
        if kept[number]
    ]
    end = None if length is None else start + length
    segments = cut(binding(from_us=start, until_us=end), operators)
    assert segments[0].from_us == start
    assert segments[-1].until_us == (NEVER_US if end is None else end)
    assert all(before.until_us == after.from_us for before, after in pairwise(segments))
    assert all(segment.from_us < segment.until_us for segment in segments)
    newest_first = segments[::-1]
    for at_us in range(-1, 65):
        held = start <= at_us and (end is None or at_us < end)
        segment = find_segment(newest_first, at_us)
        assert (segment is not None) == held
        if segment is not None:
            operating = [
                row.organisation_id
                for row in operators
                if row.from_us <= at_us and (row.until_us is None or at_us < row.until_us)
            ]
            assert len(operating) <= 1
            assert segment.operator_id == (operating[0] if operating else None)


def test_a_period_holds_its_start_and_not_its_end() -> None:
    bindings = Bindings(
        [
            binding(vehicle_id=2, vin=VIN_B, from_us=200, until_us=300),
            binding(vehicle_id=1, vin=VIN_A, from_us=100, until_us=200),
            binding(vehicle_id=1, vin=VIN_A, from_us=400),
        ],
        [OperatorRow(2, WEST, 250, None), OperatorRow(1, EAST, 0, None)],
    )
    segments = bindings.find_segments("T1")
    assert segments is not None
    held = {
        at_us: None if (s := find_segment(segments, at_us)) is None else (s.vin, s.operator_id)
        for at_us in (99, 100, 199, 200, 249, 250, 299, 300, 399, 400, 2**62)
    }
    assert held == {
        99: None,
        100: (VIN_A, EAST),
        199: (VIN_A, EAST),
        200: (VIN_B, None),
        249: (VIN_B, None),
        250: (VIN_B, WEST),
        299: (VIN_B, WEST),
        300: None,
        399: None,
        400: (VIN_A, EAST),
        2**62: (VIN_A, EAST),
    }


def test_a_device_that_never_sat_anywhere_is_known() -> None:
    bindings = Bindings([BindingRow("T9", 109, None, None, None, None)], [])
    assert bindings.find_segments("T9") == []
    assert bindings.find_segments("T8") is None
    assert len(bindings) == 1


def test_operators_of_another_vehicle_do_not_matter() -> None:
    bindings = Bindings([binding()], [OperatorRow(2, WEST, 0, None)])
    segments = bindings.find_segments("T1")
    assert segments is not None
    assert parts(segments) == [(None, 0, NEVER_US)]


def test_operators_may_come_in_any_order() -> None:
    rows = [operator(8, 20), operator(7, 0, 20)]
    for given_rows in (rows, rows[::-1]):
        segments = Bindings([binding(from_us=10)], given_rows).find_segments("T1")
        assert segments is not None
        assert parts(segments) == [(8, 20, NEVER_US), (7, 10, 20)]
