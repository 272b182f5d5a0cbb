"""Latch, `for` and `keep` of many rules and vehicles at once, against one at a time."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detectors.frames import RULES
from alerts.detectors.lifecycle import OPEN, SIGNALS, turn


@dataclass
class Obvious:
    """One rule and one vehicle, signal by signal."""

    for_us: int
    keep_us: int
    phase: str = "idle"
    since_us: int = 0
    off_us: int = 0
    events: list[tuple[str, int, int]] = field(default_factory=list)

    def hear(self, ts_us: int, begins_us: int, anew: bool, holds: bool) -> None:
        if self.phase == "clearing" and ts_us - self.off_us >= self.keep_us:
            self.events.append(("clear", self.off_us + self.keep_us, self.since_us))
            self.phase = "idle"
        if holds:
            self._holds(ts_us, begins_us, anew)
        elif self.phase == "pending":
            self.phase = "idle"
        elif self.phase == "firing":
            self.phase, self.off_us = "clearing", ts_us
            if self.keep_us == 0:
                self.events.append(("clear", ts_us, self.since_us))
                self.phase = "idle"

    def _holds(self, ts_us: int, begins_us: int, anew: bool) -> None:
        if self.phase == "clearing":
            self.phase = "firing"
        if self.phase == "idle" or (self.phase == "pending" and anew):
            self.phase, self.since_us = "pending", begins_us
        if self.phase == "pending" and ts_us - self.since_us >= self.for_us:
            self.events.append(("raise", ts_us, self.since_us))
            self.phase = "firing"


Signal = tuple[int, int, int, int, bool, bool]
"""Rule, vehicle, time since the last, how long before it began, anew, holds."""
signals_of_many = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(1, 2),
        st.integers(0, 4),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)
lasting = st.tuples(st.sampled_from([0, 1, 3, 8]), st.sampled_from([0, 1, 3, 8]))


def frame(part: list[tuple[int, Signal]]) -> pl.DataFrame:
    rows = []
    for row_no, (at_us, (rule_no, vehicle_id, _, ago_us, anew, holds)) in enumerate(part):
        rows.append((rule_no, vehicle_id, row_no, 0, at_us, at_us - ago_us, anew, holds))
    return pl.DataFrame(rows, schema=SIGNALS, orient="row")


@settings(max_examples=150, deadline=None)
@given(signals_of_many, st.lists(lasting, min_size=3, max_size=3), st.sets(st.integers(0, 40)))
def test_it_is_as_one_at_a_time_however_it_is_split(
    given_signals: list[Signal], lasts: list[tuple[int, int]], cuts: set[int]
) -> None:
    rules = pl.DataFrame(
        [(no, str(no), 1, "", "", *last) for no, last in enumerate(lasts)],
        schema=RULES,
        orient="row",
    )
    obvious = {(no, v): Obvious(*lasts[no]) for no in range(3) for v in (1, 2)}
    timed, now_us = [], 100
    for signal in given_signals:
        now_us += signal[2]
        timed.append((now_us, signal))
        obvious[signal[:2]].hear(now_us, now_us - signal[3], *signal[4:])
    edges = [0, *sorted(cut for cut in cuts if cut < len(timed)), len(timed)]
    episodes, found = pl.DataFrame(schema=OPEN), list[dict[str, Any]]()
    for start, end in pairwise(edges):
        turned = turn(frame(timed[start:end]), episodes, rules)
        episodes = turned.episodes.select(*OPEN)
        found += turned.events.to_dicts()
    for (rule_no, vehicle_id), one in obvious.items():
        mine = [e for e in found if (e["rule_no"], e["vehicle_id"]) == (rule_no, vehicle_id)]
        assert [(e["what"], e["at_us"], e["since_us"]) for e in mine] == one.events
        phases = episodes.filter(rule_no=rule_no, vehicle_id=vehicle_id)["phase"].to_list()
        assert phases == ([] if one.phase == "idle" else [one.phase])


def test_it_tells_which_sample_says_so() -> None:
    """The one that raised it, and the first after it was over; null where that came before."""
    rules = pl.DataFrame([(0, "0", 1, "", "", 2, 2)], schema=RULES, orient="row")
    holds = (True, True, True, False, False)
    first = frame([(us, (0, 1, 0, 0, False, said)) for us, said in enumerate(holds, 10)])
    turned = turn(first, pl.DataFrame(schema=OPEN), rules)
    assert turned.events.select("what", "row_no").rows() == [("raise", 2)]
    assert turned.episodes.select("phase", "off_since_us", "row_no").rows() == [("clearing", 13, 3)]
    later = frame([(20, (0, 1, 0, 0, False, False))])
    again = turn(later, turned.episodes.select(*OPEN), rules)
    assert again.events.select("what", "at_us", "row_no").rows() == [("clear", 15, None)]
    assert again.episodes.height == 0


def test_a_rule_that_now_asks_for_less_waits_for_a_sample_all_the_same() -> None:
    """What was pending under its former version is raised by a sample that says so, or never."""
    pending = pl.DataFrame([(0, 1, "pending", 10, None)], schema=OPEN, orient="row")
    at_once = pl.DataFrame([(0, "0", 1, "", "", 0, 0)], schema=RULES, orient="row")
    over = turn(frame([(20, (0, 1, 0, 0, False, False))]), pending, at_once)
    assert (over.events.height, over.episodes.height) == (0, 0)
    held = turn(frame([(20, (0, 1, 0, 0, False, True))]), pending, at_once)
    assert held.events.select("what", "at_us", "since_us").rows() == [("raise", 20, 10)]
