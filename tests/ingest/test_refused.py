"""When two refusals are the same one."""

from dataclasses import dataclass

import pytest

from ingest.refused import Refusal, gather_refusals, storable

from .builders import DAY_US, NOW_US, run, sample_at, telemetry

REFUSAL = Refusal("bad_json", "detail", "v1/T1/up/telemetry", "T1", b"raw", NOW_US)


def test_the_same_bytes_refused_again_are_one_refusal_counted() -> None:
    later = REFUSAL._replace(received_us=NOW_US + 1, detail="said otherwise")
    assert later.digest == REFUSAL.digest
    assert gather_refusals([REFUSAL, later, REFUSAL]) == {REFUSAL.digest: (REFUSAL, 3)}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(REFUSAL._replace(reason="bad_schema"), id="reason"),
        pytest.param(REFUSAL._replace(topic="v1/T2/up/telemetry"), id="topic"),
        pytest.param(REFUSAL._replace(raw=b"rav"), id="bytes"),
        pytest.param(REFUSAL._replace(raw=b""), id="no bytes"),
        pytest.param(
            REFUSAL._replace(topic=REFUSAL.topic + "b", reason="bad_topic"), id="topic and reason"
        ),
    ],
)
def test_anything_else_is_another_refusal(other: Refusal) -> None:
    assert other.digest != REFUSAL.digest
    assert len(gather_refusals([REFUSAL, other])) == 2


def test_parts_do_not_run_into_one_another() -> None:
    left = REFUSAL._replace(topic="a", raw=b"bad_json")
    right = REFUSAL._replace(topic="abad_json", raw=b"")
    assert left.digest != right.digest


def test_a_sample_is_the_same_alone_and_in_any_batch() -> None:
    future = sample_at(NOW_US + DAY_US)
    alone = run(telemetry(future)).refusals
    beside = run(telemetry(sample_at(NOW_US), future, future), received_us=NOW_US + 1).refusals
    assert {refusal.digest for refusal in beside} == {alone[0].digest}
    assert [times for _, times in gather_refusals(beside).values()] == [2]


@dataclass
class Text:
    """A text and how it is stored."""

    text: str
    stored: str


@pytest.mark.parametrize(
    "case",
    [
        Text("plain 车", "plain 车"),
        Text("a\0b", "a\\x00b"),
        Text("\ud800", "\\ud800"),
        Text("🚚", "🚚"),
        Text("", ""),
    ],
    ids=lambda case: repr(case.text),
)
def test_storable(case: Text) -> None:
    assert storable(case.text) == case.stored
