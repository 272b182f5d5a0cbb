"""Judges with all rules, and goes on without those that cannot be judged.

A fault in one must not silence the others: what fails is looked for, kind by kind and rule by rule,
left out for a while or until rules change, and named. An expression that fails on what came is left
out of that alone. What a rule that is left out has raised stands meanwhile. Leaves out what is
judged when.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule, bind
from alerts.detectors.judge import Judged, judge, tick
from alerts.detectors.memory import Memory
from alerts.engine.facts import Facts, Taken
from kit.log import get_logger

log = get_logger(__name__)

LEFT_OUT_FOR: Final = timedelta(minutes=5)
"""Looking for the rule that fails takes some thirty times as long as judging."""
REMEMBERED_FOR: Final = timedelta(minutes=5)
"""A rule that failed on what came is named for so long."""
MOST_MESSAGE: Final = 500

Judge = Callable[[Binding], Judged]
Bound = Callable[[Sequence[DetectorRule] | None], Binding]
"""Rules, those of the facts if None, bound to the vehicles that are looked at."""


class Judging:
    """The rules that are judged, and those that are broken."""

    def __init__(self) -> None:
        self._taken: tuple[DetectorRule, ...] = ()
        self._untakable: dict[str, str] = {}
        self._left_out_at: datetime | None = None
        self._now = datetime.min.replace(tzinfo=UTC)
        self._faults: dict[str, tuple[str, datetime]] = {}
        self.broken: dict[str, str] = {}
        """What is wrong with a rule that is left out, by its key."""

    @property
    def rules(self) -> list[DetectorRule]:
        """The rules that can be judged."""
        return [rule for rule in self._taken if rule.rule_key not in self.broken]

    def take(self, taken: Taken) -> None:
        """The rules from now on; all are tried again."""
        before, self.broken, self._faults = self.broken, {}, {}
        self._taken, self._untakable, self._left_out_at = taken.rules, taken.broken, None
        for key, problem in taken.broken.items():
            self._leave_out(key, problem, known=before)

    def begin(self, now: datetime) -> None:
        """Another batch: what failed on one before may be well."""
        self._now = now
        since = now - REMEMBERED_FOR
        self._faults = {key: told for key, told in self._faults.items() if told[1] >= since}

    def try_again(self) -> None:
        """Facts are about to be made anew: with the rules, too, that failed long ago."""
        if self._left_out_at is not None and self._now - self._left_out_at >= LEFT_OUT_FOR:
            self.broken, self._left_out_at = dict(self._untakable), None

    @property
    def failing(self) -> dict[str, str]:
        """What is wrong, by rule key: with those left out, and with those that failed just now."""
        return {key: problem for key, (problem, _) in self._faults.items()} | self.broken

    def judge(
        self, memory: Memory, rows: pl.DataFrame, facts: Facts, then: pl.DataFrame | None = None
    ) -> Judged:
        """Judge samples of vehicles as they are now, or as they were `then` (VEHICLES)."""

        def bound(rules: Sequence[DetectorRule] | None) -> Binding:
            if then is not None:
                return bind(facts.rules if rules is None else rules, then)
            return facts.binding if rules is None else bind(rules, facts.vehicles)

        return self._run(facts, bound, lambda binding: judge(memory, rows, binding))

    def tick(self, memory: Memory, facts: Facts, now_us: int, latest: pl.DataFrame) -> Judged:
        """Judge what time alone decides. Of a rule that is left out nobody knows what is over."""

        def bound(rules: Sequence[DetectorRule] | None) -> Binding:
            return facts.binding if rules is None else bind(rules, facts.vehicles)

        def run(binding: Binding) -> Judged:
            is_held = pl.col("rule_key").is_in(list(self.broken))
            held = memory.episodes.filter(is_held)
            others = replace(memory, episodes=memory.episodes.filter(~is_held))
            judged = tick(others, binding, now_us, latest)
            episodes = pl.concat([held, judged.memory.episodes])
            return replace(judged, memory=replace(judged.memory, episodes=episodes))

        return self._run(facts, bound, run)

    def _run(self, facts: Facts, bound: Bound, run: Judge) -> Judged:
        """Judge by all rules; should that fail, by those that do not."""
        stale = any(key in facts.keys for key in self.broken)
        try:
            judged = run(bound(self.rules if stale else None))
        except Exception as error:
            log.warning("rules_tried_one_by_one", exc_info=error)
            found = len(self.broken)
            self._find_broken(self.rules, lambda rules: run(bound(rules)))
            if len(self.broken) == found:
                raise
            judged = run(bound(self.rules))
        for fault in judged.faults:
            if fault.rule_key not in self._faults:
                log.warning("rule_failed", rule=fault.rule_key, problem=fault.message)
            self._faults[fault.rule_key] = fault.message[:MOST_MESSAGE], self._now
        return judged

    def _find_broken(
        self, rules: Sequence[DetectorRule], run: Callable[[Sequence[DetectorRule]], object]
    ) -> None:
        """Leave out the rules that fail: first whole kinds are tried, then alike rules of one."""
        for kind in dict.fromkeys(rule.kind for rule in rules):
            of_kind = [rule for rule in rules if rule.kind == kind]
            if _fails(run, of_kind) is None:
                continue
            alike: dict[tuple[str, object], list[DetectorRule]] = {}
            for rule in of_kind:
                alike.setdefault((rule.code, rule.parameters), []).append(rule)
            for some in alike.values():
                problem = _fails(run, some)
                if problem is not None:
                    for rule in some:
                        self._leave_out(rule.rule_key, problem, known={})

    def _leave_out(self, key: str, problem: str, *, known: dict[str, str]) -> None:
        if key not in self.broken:
            self.broken[key] = problem[:MOST_MESSAGE]
            self._left_out_at = self._left_out_at or self._now
            if known.get(key) != problem:
                log.error("rule_broken", rule=key, problem=problem)


def _fails(
    run: Callable[[Sequence[DetectorRule]], object], rules: Sequence[DetectorRule]
) -> str | None:
    try:
        run(rules)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
