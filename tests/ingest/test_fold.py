"""Latest states: the newest sample, its unknown fields filled from its operator's before it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.bindings import Bindings, OperatorRow
from ingest.pipeline import POSTGRES_EPOCH_US, Batch
from schemas.telemetry import MEASURED

from .builders import NOW_US, binding, run, sample_at, telemetry

FLEET = Bindings([binding("T1", vehicle_id=1), binding("T2", vehicle_id=2)], [])
Key = tuple[int, int]


def at(offset_us: int, **fields: Any) -> dict[str, Any]:
    return sample_at(NOW_US + offset_us, **fields)


def key(offset_us: int, seq: int = 0) -> Key:
    return (NOW_US + offset_us - POSTGRES_EPOCH_US, seq)


def states(batch: Batch) -> dict[int, tuple[Key, dict[str, Any]]]:
    """(ts, seq) and the known fields of every state that moves."""
    return {
        state[0]: (
            (state[1], state[2]),
            {n: v for n, v in zip(MEASURED, state[6:28], strict=True) if v is not None},
        )
        for state in batch.states
        if state[1] is not None
    }


@pytest.mark.parametrize(
    ("latest", "samples", "expected", "late"),
    [
        pytest.param(None, [at(-5, soc_pct=50)], (key(-5), {"soc_pct": 50.0}), 0, id="the first"),
        pytest.param(
            key(-9), [at(-5, soc_pct=50)], (key(-5), {"soc_pct": 50.0}), 0, id="a newer one"
        ),
        pytest.param(key(-5), [at(-5, soc_pct=50)], None, 0, id="the same again is not late"),
        pytest.param(key(-5), [at(-6, soc_pct=50)], None, 1, id="an older one is late"),
        pytest.param(
            key(-5), [at(-5, seq=1, gear="D")], (key(-5, 1), {"gear": "D"}), 0, id="a larger seq"
        ),
        pytest.param(key(-5, 2), [at(-5, seq=1)], None, 1, id="a smaller seq"),
        pytest.param(
            key(-9, 5), [at(-8, gear="D")], (key(-8), {"gear": "D"}), 0, id="ts goes before seq"
        ),
        pytest.param(
            None,
            [at(-5, gear="D"), at(-6, soc_pct=50), at(-7, soc_pct=40, speed_kmh=3)],
            (key(-5), {"gear": "D", "soc_pct": 50.0, "speed_kmh": 3.0}),
            0,
            id="unknown fields are filled from the next newest",
        ),
        pytest.param(
            key(-6),
            [at(-7, soc_pct=40), at(-5, gear="D")],
            (key(-5), {"gear": "D"}),
            1,
            id="but not from history",
        ),
        pytest.param(
            None,
            [at(-6, lat=22.5, lon=114.0), at(-5, lat=0, lon=0)],
            (key(-5), {"lat": 22.5, "lon": 114.0, "fix": False}),
            0,
            id="no fix keeps the last good position",
        ),
        pytest.param(
            None,
            [at(-6, lat=22.5, lon=114.0), at(-5, fix=False)],
            (key(-5), {"lat": 22.5, "lon": 114.0, "fix": False}),
            0,
            id="no fix, said so",
        ),
        pytest.param(
            None,
            [at(-6, soc_pct=50), at(-5, soc_pct=101)],
            (key(-5), {"soc_pct": 50.0}),
            0,
            id="an invalid value does not hide a good one",
        ),
    ],
)
def test_fold(
    latest: Key | None,
    samples: list[dict[str, Any]],
    expected: tuple[Key, dict[str, Any]] | None,
    late: int,
) -> None:
    before: dict[int, Key | None] = {} if latest is None else {1: latest}
    for order in (samples, samples[::-1]):
        batch = run(telemetry(*order), latest=before)
        assert states(batch) == ({} if expected is None else {1: expected})
        assert batch.newest == ({} if expected is None else {1: expected[0]})
        assert batch.late == late


def test_a_state_row_without_sample_is_older_than_any() -> None:
    batch = run(telemetry(at(-5)), latest={1: None})
    assert (states(batch), batch.late) == ({1: (key(-5), {})}, 0)


def test_states_are_in_the_order_of_vehicles() -> None:
    batch = run(
        telemetry(at(-5), serial="T2"),
        telemetry(at(-6)),
        bindings=FLEET,
    )
    assert [state[0] for state in batch.states] == [1, 2]


def test_a_state_ends_with_presence_and_what_it_was_folded_from() -> None:
    batch = run(telemetry(at(-5)), telemetry(at(-6)))
    assert [len(state) for state in batch.states] == [33]
    assert batch.states[0][28:] == (True, NOW_US - POSTGRES_EPOCH_US, *key(-6), False)
    assert batch.states[0][1:6] == (*key(-5), 101, 7, NOW_US - POSTGRES_EPOCH_US)


def operators(*handed_over: int) -> list[OperatorRow]:
    """7 operates vehicle 1 until the first instant [µs after now], 8 until the next, then 7."""
    starts = [0, *[NOW_US + offset_us for offset_us in handed_over]]
    return [
        OperatorRow(1, 7 + number % 2, start, end)
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    ]


HERE = {"lat": 22.5, "lon": 114.0}
THREE = [at(-6, soc_pct=50, **HERE), at(-4, speed_kmh=3), at(-2, gear="D")]


@pytest.mark.parametrize(
    ("operated", "operator_id", "fields", "folded_from", "across"),
    [
        pytest.param(
            operators(),
            7,
            {**HERE, "fix": True, "soc_pct": 50.0, "speed_kmh": 3.0, "gear": "D"},
            key(-6),
            False,
            id="no transfer",
        ),
        pytest.param(operators(-3), 8, {"gear": "D"}, key(-4), True, id="before the newest sample"),
        pytest.param(
            operators(-4), 8, {"speed_kmh": 3.0, "gear": "D"}, key(-6), True, id="at a sample"
        ),
        pytest.param(operators(-5, -3), 7, {"gear": "D"}, key(-4), True, id="there and back"),
        pytest.param(
            operators(-5, -4),
            7,
            {**HERE, "fix": True, "soc_pct": 50.0, "speed_kmh": 3.0, "gear": "D"},
            key(-6),
            False,
            id="there and back without a sample",
        ),
        pytest.param(
            [OperatorRow(1, 8, NOW_US - 3, None)],
            8,
            {"gear": "D"},
            key(-4),
            True,
            id="from nobody",
        ),
        pytest.param(
            [OperatorRow(1, 7, 0, NOW_US - 4)],
            None,
            {"speed_kmh": 3.0, "gear": "D"},
            key(-6),
            True,
            id="to nobody",
        ),
    ],
)
def test_no_field_goes_from_operator_to_operator(
    operated: list[OperatorRow],
    operator_id: int | None,
    fields: dict[str, Any],
    folded_from: Key,
    across: bool,
) -> None:
    """The sample of another operator ends the fold, and is what it was folded from."""
    batch = run(telemetry(*THREE), bindings=Bindings([binding()], operated))
    assert states(batch) == {1: (key(-2), fields)}
    assert batch.states[0][4] == operator_id
    assert batch.states[0][30:] == (*folded_from, across)


fields = st.fixed_dictionaries(
    {},
    optional={
        "soc_pct": st.integers(0, 100),
        "gear": st.sampled_from(["P", "D"]),
        "alarm_level": st.integers(0, 4),
        "speed_kmh": st.floats(0, 500),
    },
)
sent = st.lists(
    st.tuples(st.sampled_from(["T1", "T2"]), st.integers(-4, 0), st.integers(0, 2), fields),
    max_size=12,
    unique_by=lambda one: one[:3],
)


@given(
    sent,
    st.dictionaries(st.sampled_from([1, 2]), st.tuples(st.integers(-4, 0), st.just(1))),
    st.lists(st.integers(-4, 0), max_size=2, unique=True).map(sorted),
)
def test_fold_agrees_with_a_plain_oracle(
    sent: list[tuple[str, int, int, dict[str, Any]]],
    before: dict[int, tuple[int, int]],
    transfers: list[int],
) -> None:
    """Vehicle 1 is handed over at those instants; vehicle 2 is operated by nobody."""
    latest: dict[int, Key | None] = {v: key(*where) for v, where in before.items()}
    publishes = [telemetry(at(ts, seq=seq, **said), serial=t) for t, ts, seq, said in sent]
    bindings = Bindings(
        [binding("T1", vehicle_id=1), binding("T2", vehicle_id=2)], operators(*transfers)
    )
    batch = run(*publishes, bindings=bindings, latest=latest)

    expected: dict[int, tuple[int, Key, dict[str, Any]]] = {}
    late = 0
    for serial, ts, seq, said in sorted(sent, key=lambda one: one[1:3]):
        vehicle_id, here = int(serial[1:]), key(ts, seq)
        known = latest.get(vehicle_id)
        if known is not None and here <= known:
            late += here < known
            continue
        operator = vehicle_id == 1 and sum(instant <= ts for instant in transfers) % 2
        last_operator, _, merged = expected.get(vehicle_id, (operator, here, {}))
        if operator != last_operator:
            merged = {}
        expected[vehicle_id] = (operator, here, {**merged, **said})
    assert states(batch) == {vehicle_id: state[1:] for vehicle_id, state in expected.items()}
    assert batch.newest == {vehicle_id: state[1] for vehicle_id, state in expected.items()}
    assert batch.late == late
    assert len(batch.rows) == len(sent)
