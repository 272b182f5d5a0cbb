"""Engines that end anywhere: what fires is what would have fired, each once."""

import random
from collections.abc import Callable

import pytest

from alerts.rules.service import all_rules
from tests.ingest.conftest import Fleet

from .conftest import COOL, HOT, Watch


def write_batches(watch: Watch, seed: int) -> None:
    """Two vehicles whose batteries get hot and cool down; a batch in four comes late."""
    rng = random.Random(seed)
    for number in range(24):
        serial = rng.choice(["T1", "T2"])
        late = number % 4 == 3
        temperatures = [rng.choice([COOL, HOT]) for _ in range(rng.randint(1, 4))]
        watch.hear(*temperatures, serial=serial, at_s=number * 10 - (35 if late else 0))


def fires_of(fleet: Fleet, lives: Callable[[Watch], None]) -> list[object]:
    """Whatever fired, in a database that is left as it was."""
    watch = Watch(fleet)
    lives(watch)
    fires = watch.fires()
    states = sorted(watch.alerts())
    fleet.conn.execute("TRUNCATE alerts, alert_fires, alert_events, alert_checkpoints CASCADE")
    fleet.conn.commit()
    return [fires, states]


def uninterrupted(watch: Watch) -> None:
    """All batches at once."""
    assert watch.cycle().more is False


def batch_by_batch(watch: Watch) -> None:
    """Each batch in a cycle of its own."""
    watch.most_samples = 1
    watch.start()
    while watch.cycle().more:
        watch.at_s += 1


def killed(seed: int) -> Callable[[Watch], None]:
    """It ends anywhere: before COMMIT, after it, between two checkpoints; another goes on."""

    def lives(watch: Watch) -> None:
        rng = random.Random(seed)
        left = True
        while left:
            watch.most_samples = rng.choice([1, 5, 11])
            end = rng.choice(["kept", "kept", "rolled back", "killed before COMMIT", "killed"])
            if end == "kept":
                left = watch.cycle().more
            elif end == "rolled back":
                watch.fail_cycle()
            elif end == "killed before COMMIT":
                watch.engine.cycle(watch.fleet.conn, all_rules(watch.fleet.conn), now=watch.now())
                watch.fleet.conn.rollback()
                watch.start()
            else:
                left = watch.cycle().more
                watch.start()
            watch.at_s += rng.choice([1, 6])

    return lives


def test_restarted_anywhere_nothing_is_missed_and_nothing_comes_twice(
    watch: Watch,
) -> None:
    write_batches(watch, seed=1)
    expected = fires_of(watch.fleet, uninterrupted)
    assert len(expected[0]) > 10  # type: ignore[arg-type]
    assert fires_of(watch.fleet, batch_by_batch) == expected
    for seed in range(6):
        assert fires_of(watch.fleet, killed(seed)) == expected, seed


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_a_new_engine_goes_on_from_the_checkpoint(watch: Watch) -> None:
    watch.hear(HOT)
    watch.cycle()
    first = watch.checkpoint()
    watch.hear(HOT, serial="T2")
    watch.at_s = 14
    assert watch.cycle().raised == 1
    assert watch.checkpoint() == first
    watch.start()
    done = watch.cycle()
    assert (done.batches, done.raised) == (1, 0)  # read again, and known
    assert watch.alerts() == [
        ("east", "high_temperature", "open", 1),
        ("west", "high_temperature", "open", 1),
    ]
    watch.at_s = 15
    watch.cycle()
    assert watch.checkpoint() != first
    watch.start()
    assert watch.cycle().batches == 0
    watch.hear(COOL, at_s=30)
    assert watch.cycle().cleared == 1


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_a_checkpoint_and_what_it_covers_are_one(watch: Watch) -> None:
    """A checkpoint whose alerts were rolled back would hide them for good."""
    watch.hear(HOT)
    watch.fail_cycle()
    assert (watch.checkpoint(), watch.alerts()) == (None, [])
    assert watch.cycle().raised == 1
    assert watch.checkpoint() is not None
