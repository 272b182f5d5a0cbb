"""The shapes of what falls due, of what does no more, and of what a sweep did."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Literal, Protocol

from alerts.model import Severity, SubjectKind
from alerts.rules.model import Rule

Gone = Literal["settled", "moved", "operator_changed", "rule_off", "out_of_scope"]
"""Why an alert holds no longer: paid, done or returned; due another day; another organisation's."""


class Book(Protocol):
    """What a sweep asks of the rules: `alerts.rules.book.RuleBook`."""

    def enabled(self, kind: str) -> Iterable[Rule]:
        """The rules of a kind that are on, one an organisation and code."""

    def members(self, rule: Rule) -> frozenset[int] | None:
        """Vehicles of the groups of its scope; None: it is not narrowed by groups."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule and the organisations that it is asked for, as the database is told."""

    rule_no: int
    organisation_ids: tuple[int, ...]
    code: str
    kind: str
    version: int | None
    severity: Severity
    offsets_days: tuple[int, ...]
    every_days: int
    critical_from_days: int | None
    steps: tuple[float, ...]
    """Falling: what is reached at each is told, beside the days."""
    figures: Mapping[str, float] = field(default_factory=dict)
    scoped: bool = False
    members: tuple[int, ...] | None = None
    models: tuple[str, ...] = ()
    vins: tuple[str, ...] = ()
    lease_no: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due of a subject, and what its rule says.

    `occurrence` is the day, and what falls due where there may be several. `remaining` is what
    falls beside the days: kilometres left, minus the share used [%], minus how urgent.
    """

    organisation_id: int
    today: date
    kind: str
    severity: Severity
    offsets_days: tuple[int, ...]
    every_days: int
    critical_from_days: int | None
    steps: tuple[float, ...]
    subject_kind: SubjectKind
    subject_key: str
    occurrence: str
    due_on: date | None
    days_left: int | None
    remaining: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """What decides what is told of something that is due: its rule, and where it stands.

    `taken` counts the steps that are reached. `told_days_left` and `told_taken` are as they were
    when it was last told; None and 0: never. `again`: it was settled meanwhile.
    """

    case_no: int
    rule_no: int
    days_left: int | None
    taken: int
    told_days_left: int | None
    told_taken: int
    again: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What is told of all that is such a case. `names`: of its reminders, the first first.

    `begun_days`: how many days were left at the last reminder; None: a step is told.
    """

    case_no: int
    stage: int
    severity: Severity
    names: tuple[str, ...]
    begun_days: int | None


@dataclass(frozen=True, slots=True)
class NoLonger:
    """An unresolved alert of which the reason is gone."""

    organisation_id: int
    kind: str
    rule_code: str
    subject_kind: SubjectKind
    subject_id: int
    occurrence: str
    because: Gone
    now_due_on: date | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """That somebody is reminded of something on a day."""

    on: date
    subject_kind: SubjectKind
    subject_key: str
    organisation_id: int
    due_on: date | None
    days_left: int | None
    stage: int
    severity: Severity
    occurrence: str


@dataclass(frozen=True, slots=True)
class Swept:
    """How many alerts a sweep raised, reminded of, raised again and cleared, by kind of rule."""

    raised: Counter[str] = field(default_factory=Counter)
    reminded: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)

    def of(self, what: str) -> Counter[str]:
        """One of them by its name."""
        counter: Counter[str] = getattr(self, what)
        return counter

    def __add__(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(*(self.of(each.name) + other.of(each.name) for each in fields(self)))

    def counts(self) -> dict[str, int]:
        """All kinds together; nothing where nothing was done."""
        sums = {
            "raised": self.raised.total(),
            "reminded": self.reminded.total(),
            "again": self.again.total(),
            "cleared": self.cleared.total(),
        }
        return {name: number for name, number in sums.items() if number}
