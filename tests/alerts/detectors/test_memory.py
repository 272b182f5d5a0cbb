"""A memory on disk: it comes back as it was, or it is refused."""

import polars as pl
import pytest

from alerts.detectors.memory import FORMAT, Memory, MemoryUnreadable

from .watching import HERE, Watch, rule


def remembering() -> Memory:
    watch = Watch.of(
        rule("high_temperature", for_s=9),
        rule("towed"),
        rule("custom", holds=pl.col("previous.soc_pct") > 1),
    )
    watch.judge({"at": 0, "temp_max_c": 61, "vehicle_state": "on", **HERE})
    return watch.memory


def test_it_comes_back_as_it_was() -> None:
    memory = remembering()
    back = Memory.from_bytes(memory.to_bytes())
    for name in ("carried", "episodes", "places", "known"):
        assert getattr(memory, name).height == 1
    for name in Memory.__dataclass_fields__:
        assert getattr(back, name).equals(getattr(memory, name))
        assert getattr(back, name).schema == getattr(memory, name).schema


def test_an_empty_one_comes_back() -> None:
    assert (
        Memory.from_bytes(Memory.empty().to_bytes()).carried.schema == Memory.empty().carried.schema
    )


def _with_another_frame() -> bytes:
    memory = remembering()
    return Memory(
        memory.episodes, memory.carried, memory.places, memory.warmth, memory.flows, memory.known
    ).to_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"detectors-0\n" + Memory.empty().to_bytes().partition(b"\n")[2],
        Memory.empty().to_bytes()[:-1],
        Memory.empty().to_bytes() + b"!",
        FORMAT.encode() + b"\n" + (5).to_bytes(8, "big") + b"hello",
        _with_another_frame(),
    ],
    ids=["nothing", "another format", "cut off", "more", "no frame", "other columns"],
)
def test_what_is_no_memory_is_refused(raw: bytes) -> None:
    with pytest.raises(MemoryUnreadable):
        Memory.from_bytes(raw)
