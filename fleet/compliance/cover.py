"""Computes when a vehicle was, is and will be insured, from policies over [from_at, until_at).

Measured in instants, not in days: one policy may begin in the middle of a day (即时生效), and 24:00
of a day is 00:00 of the next. Voided policies never counted. Leaves out what each policy covers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from fleet.compliance.model import Policy, PolicyKind

GapWeight = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Span:
    """A time [from_at, until_at)."""

    from_at: datetime
    until_at: datetime

    @property
    def seconds(self) -> float:
        return (self.until_at - self.from_at).total_seconds()

    @property
    def hours(self) -> float:
        """To a hundredth."""
        return round(self.seconds / 3600, 2)


@dataclass(frozen=True, slots=True)
class Overlap:
    """A time in which two policies or more of a kind were in force, and which."""

    from_at: datetime
    until_at: datetime
    policy_nos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverState:
    """How cover of one kind stands at an instant.

    `in_force` are the policies then. `ends_at`: the end of the cover without a break that runs
    then; of the last one before, where there is none; None: there was none yet. `next_from_at`:
    where cover begins again after it. `gap`: from `ends_at` to there.
    """

    kind: PolicyKind
    in_force: tuple[Policy, ...]
    ends_at: datetime | None
    next_from_at: datetime | None

    @property
    def is_covered(self) -> bool:
        return bool(self.in_force)

    @property
    def gap(self) -> Span | None:
        if self.ends_at is None or self.next_from_at is None:
            return None
        return Span(self.ends_at, self.next_from_at)


def of_kind(policies: Iterable[Policy], kind: PolicyKind) -> list[Policy]:
    """The policies of that kind that count, by their begin."""
    counted = [each for each in policies if each.kind == kind and each.voided_at is None]
    return sorted(counted, key=lambda each: (each.from_at, each.until_at, each.policy_no))


def runs(policies: Iterable[Policy], kind: PolicyKind) -> list[Span]:
    """The times of cover without a break; policies that adjoin or overlap make one.

    >>> from fleet.local_days import begin_of
    >>> from datetime import date
    >>> def insured(no: str, on: date, until: date) -> Policy:
    ...     return Policy("compulsory", no, "PICC", begin_of(on), begin_of(until))
    >>> first = insured("1", date(2025, 7, 1), date(2026, 7, 1))
    >>> second = insured("2", date(2026, 7, 1), date(2027, 7, 1))
    >>> [run.hours for run in runs([second, first], "compulsory")]
    [17520.0]
    """
    merged: list[Span] = []
    for policy in of_kind(policies, kind):
        if merged and policy.from_at <= merged[-1].until_at:
            last = merged.pop()
            merged.append(Span(last.from_at, max(last.until_at, policy.until_at)))
        else:
            merged.append(Span(policy.from_at, policy.until_at))
    return merged


def gaps(policies: Iterable[Policy], kind: PolicyKind) -> list[Span]:
    """The times between policies in which none was in force (脱保).

    >>> from fleet.local_days import begin_of
    >>> from datetime import date
    >>> def insured(no: str, on: date, until: date) -> Policy:
    ...     return Policy("compulsory", no, "PICC", begin_of(on), begin_of(until))
    >>> first = insured("1", date(2025, 7, 1), date(2026, 7, 1))
    >>> second = insured("2", date(2026, 7, 3), date(2027, 7, 3))
    >>> [gap.hours for gap in gaps([first, second], "compulsory")]
    [48.0]
    """
    found = pairwise(runs(policies, kind))
    return [Span(before.until_at, after.from_at) for before, after in found]


def gaps_within(
    policies: Iterable[Policy], kind: PolicyKind, from_at: datetime, until_at: datetime
) -> list[Span]:
    """The times of [from_at, until_at) without cover, before, between and after the policies."""
    found: list[Span] = []
    reached = from_at
    for run in runs_within(policies, kind, from_at, until_at):
        if run.from_at > reached:
            found.append(Span(reached, run.from_at))
        reached = run.until_at
    if reached < until_at:
        found.append(Span(reached, until_at))
    return found


def runs_within(
    policies: Iterable[Policy], kind: PolicyKind, from_at: datetime, until_at: datetime
) -> list[Span]:
    """The times of cover within [from_at, until_at), cut to it."""
    return [
        Span(max(run.from_at, from_at), min(run.until_at, until_at))
        for run in runs(policies, kind)
        if run.from_at < until_at and run.until_at > from_at
    ]


def overlaps(policies: Iterable[Policy], kind: PolicyKind) -> list[Overlap]:
    """The times in which two policies or more were in force; each time is told once."""
    counted = of_kind(policies, kind)
    edges = sorted({edge for each in counted for edge in (each.from_at, each.until_at)})
    found: list[Overlap] = []
    for from_at, until_at in pairwise(edges):
        doubled = [p.policy_no for p in counted if p.from_at <= from_at and p.until_at >= until_at]
        if len(doubled) < 2:
            continue
        numbers = set(doubled)
        if found and found[-1].until_at == from_at:
            last = found.pop()
            from_at, numbers = last.from_at, numbers | set(last.policy_nos)  # noqa: PLW2901
        found.append(Overlap(from_at, until_at, tuple(sorted(numbers))))
    return found


def in_force(policies: Iterable[Policy], kind: PolicyKind, *, at: datetime) -> tuple[Policy, ...]:
    """The policies of that kind in force at an instant; the one that ends last comes last."""
    there = [each for each in of_kind(policies, kind) if each.from_at <= at < each.until_at]
    return tuple(sorted(there, key=lambda each: (each.until_at, each.policy_no)))


def cover_end(policies: Iterable[Policy], kind: PolicyKind, *, at: datetime) -> datetime | None:
    """The instant the cover that runs at `at` ends without a break; None: not covered then."""
    ends = [run.until_at for run in runs(policies, kind) if run.from_at <= at < run.until_at]
    return ends[0] if ends else None


def state_of(policies: Sequence[Policy], kind: PolicyKind, *, at: datetime) -> CoverState:
    """How cover of that kind stands at an instant."""
    known = runs(policies, kind)
    begun = [run for run in known if run.from_at <= at]
    ahead = [run for run in known if run.from_at > at]
    return CoverState(
        kind,
        in_force(policies, kind, at=at),
        begun[-1].until_at if begun else None,
        ahead[0].from_at if ahead else None,
    )


def weight_of(kind: PolicyKind, stage: str) -> GapWeight:
    """How bad a gap is: without 交强险 a let vehicle may not be on the road (条例 §38).

    >>> weight_of("compulsory", "let"), weight_of("commercial", "let")
    ('critical', 'warning')
    """
    return "critical" if kind == "compulsory" and stage == "let" else "warning"


def names_use(policy: Policy, expected: str) -> bool | None:
    """Whether the policy names the use it should; None: what it names was not written down.

    >>> from datetime import UTC
    >>> year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    >>> names_use(Policy("commercial", "1", "PICC", *year, use_nature="营业货车"), "营业")
    True
    >>> names_use(Policy("commercial", "1", "PICC", *year, use_nature="非营业货车"), "营业")
    False
    """
    if policy.use_nature is None:
        return None
    return "".join(policy.use_nature.split()).startswith(expected)
