"""Judges with all rules, and goes on without those that cannot be judged.

A fault in one must not silence the others: what fails is looked for, kind by kind and rule by rule,
left out until rules change, and named once in the log. Leaves out what is judged when.
"""

from collections.abc import Callable, Sequence

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule, bind
from alerts.detectors.judge import Judged, judge, tick
from alerts.detectors.memory import Memory
from alerts.engine.facts import Facts, Taken
from kit.log import get_logger

log = get_logger(__name__)

Judge = Callable[[Binding], Judged]
Bound = Callable[[Sequence[DetectorRule] | None], Binding]
"""Rules, those of the facts if None, bound to the vehicles that are looked at."""


class Judging:
    """The rules that are judged, and those that are broken."""

    def __init__(self) -> None:
        self._taken: tuple[DetectorRule, ...] = ()
        self.broken: dict[str, str] = {}
        """What is wrong with a rule, by its key."""

    @property
    def rules(self) -> list[DetectorRule]:
        """The rules that can be judged."""
        return [rule for rule in self._taken if rule.rule_key not in self.broken]

    def take(self, taken: Taken) -> None:
        """The rules from now on; all are tried again."""
        before, self.broken = self.broken, {}
        self._taken = taken.rules
        for key, problem in taken.broken.items():
            self._leave_out(key, problem, known=before)

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
        """Judge what time alone decides."""

        def bound(rules: Sequence[DetectorRule] | None) -> Binding:
            return facts.binding if rules is None else bind(rules, facts.vehicles)

        return self._run(facts, bound, lambda binding: tick(memory, binding, now_us, latest))

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
            self._leave_out(fault.rule_key, fault.message, known={})
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
            self.broken[key] = problem
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
