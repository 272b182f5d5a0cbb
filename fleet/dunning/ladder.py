"""Decides which stages of the ladder are due for a bill on a day.

Days are counted from the due day, of a bill issued later from its issue. A reminder or a call is
made on its day or later, until the next stage's day comes; a demand and what follows it are made
however late. A stage that stands on a clause needs it in the lease's terms; one that follows
another needs that notice to have arrived, and its deadline to be over. Leaves out what a notice
says (`texts.py`) and how it arrives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fleet.dunning.model import BillDue, Lacking, LeaseDue, Made, Why
from fleet.lease_book import Arrears, may_rescind, may_rescind_finance_lease
from fleet.lease_figures import LeaseRescission
from fleet.money_figures import DunningStage
from fleet.months import add_months

PASSES: Final = frozenset({"reminder", "call"})
"""Nobody is reminded of what is past."""
FOR_RENT: Final = frozenset({"lock_notice", "rescission_notice", "recovery"})
"""What the contract gives for unpaid rent (民法典 §722), not for every bill."""
RENT_BILLS: Final = frozenset({"rent", "purchase"})
RESCISSION_MONTHS: Final = 12
"""民法典 §564: a right to rescind that is not used within a year is gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that is due, since `stage_on`, on the clause where it needs one."""

    stage: DunningStage
    stage_on: date
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be made of a bill, and the stages whose day has come that lack something."""

    steps: tuple[Step, ...]
    lacking: tuple[Lacking, ...]


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What is overdue of the rent of a lease, in fen and in periods; the measure of the law."""

    fen: int
    periods: int
    figures: LeaseRescission


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside a bill: what was made of it, by stage; its lease, and what of that is
    unpaid. Of what was withdrawn, `made` has only what somebody withdrew."""

    made: Mapping[str, Made]
    lease: LeaseDue | None = None
    unpaid: Unpaid | None = None


def day_of_stage(stage: DunningStage, *, due_on: date, issued_on: date) -> date:
    """The day a stage begins.

    >>> demand = DunningStage(code="demand_7", day=7, kind="demand", deadline_days=7)
    >>> str(day_of_stage(demand, due_on=date(2026, 5, 1), issued_on=date(2026, 4, 24)))
    '2026-05-08'
    >>> str(day_of_stage(demand, due_on=date(2026, 5, 1), issued_on=date(2026, 5, 20)))
    '2026-05-27'
    """
    return max(due_on, issued_on) + timedelta(days=stage.day)


def due_stages(
    stages: Sequence[DunningStage],
    bill: BillDue,
    known: Known,
    *,
    today: date,
) -> Due:
    """The stages that are due for an open bill on a day, and those that lack something."""
    steps: list[Step] = []
    lacking: list[Lacking] = []
    for place, stage in enumerate(stages):
        stage_on = day_of_stage(stage, due_on=bill.due_on, issued_on=bill.issued_on)
        if stage_on > today or stage.code in known.made or bill.open_fen <= 0:
            continue
        if stage.kind in PASSES and _has_passed(stages[place:], stage, bill, stage_on, today):
            continue
        why = lack_of(stage, bill, known, today=today)
        if why is None:
            steps.append(Step(stage, stage_on, clause_of(stage, known.lease)))
        else:
            lease_no = None if known.lease is None else known.lease.lease_no
            lacking.append(Lacking(bill.bill_no, lease_no, stage.code, why, stage.clause))
    return Due(tuple(steps), tuple(lacking))


def is_over(deadline_on: date, today: date) -> bool:
    """Whether a deadline is over: its last day is the debtor's to its end, 民法典 §203.

    >>> is_over(date(2026, 5, 15), date(2026, 5, 15)), is_over(date(2026, 5, 15), date(2026, 5, 16))
    (False, True)
    """
    return today > deadline_on


def deadline_from(arrived_on: date, days: int) -> date:
    """The last day of a time that runs from an arrival; that day itself is not counted, §201.

    >>> str(deadline_from(date(2026, 5, 8), 7))
    '2026-05-15'
    """
    return arrived_on + timedelta(days=days)


def _has_passed(
    rest: Sequence[DunningStage], stage: DunningStage, bill: BillDue, stage_on: date, today: date
) -> bool:
    """Whether the next stage's day has come, or its own came before the bill was issued."""
    later = next((each for each in rest if each.day > stage.day), None)
    if later is not None:
        later_on = day_of_stage(later, due_on=bill.due_on, issued_on=bill.issued_on)
        if later_on <= today:
            return True
    return stage_on < bill.issued_on


def clause_of(stage: DunningStage, lease: LeaseDue | None) -> str | None:
    """The number of the clause a stage stands on; None: it needs none, or there is none."""
    if stage.clause is None or lease is None:
        return None
    return lease.clauses.get(stage.clause) or None


def lack_of(stage: DunningStage, bill: BillDue, known: Known, *, today: date) -> Why | None:
    """What a stage lacks on a day; None: nothing, but perhaps its day."""
    lease, unpaid = known.lease, known.unpaid
    if not _applies(stage, bill, lease):
        return "not_applicable"
    if stage.clause is not None and clause_of(stage, lease) is None:
        return "clause_missing"
    if (why := _lack_before(stage, known.made, today)) is not None:
        return why
    if stage.kind == "rescission_notice" and lease is not None and unpaid is not None:
        return None if _may_rescind(lease, unpaid) else "too_little_unpaid"
    return None


def _applies(stage: DunningStage, bill: BillDue, lease: LeaseDue | None) -> bool:
    """Whether the stage has a point: a vehicle to lock or to take back, a lease to rescind."""
    if stage.kind in FOR_RENT and (lease is None or bill.kind not in RENT_BILLS):
        return False
    if stage.kind in ("lock_notice", "recovery"):
        return lease is not None and lease.vehicles_out > 0
    if stage.kind == "rescission_notice":
        return lease is not None and lease.runs
    return stage.clause is None or lease is not None


def _lack_before(stage: DunningStage, made: Mapping[str, Made], today: date) -> Why | None:
    """What the notice before it lacks."""
    if stage.after is None:
        return None
    before = made.get(stage.after)
    if before is None or before.state != "arrived" or before.arrived_on is None:
        return "not_arrived"
    if before.deadline_on is not None and not is_over(before.deadline_on, today):
        return "deadline_runs"
    since_on = before.deadline_on or before.arrived_on
    if stage.kind == "rescission_notice" and today > add_months(since_on, RESCISSION_MONTHS):
        return "lapsed"
    return None


def _may_rescind(lease: LeaseDue, unpaid: Unpaid) -> bool:
    """民法典 §722; of a lease-to-own, which counts as a finance lease, 融资租赁解释 §5.

    The clause is there, but a program does not read whether its own conditions are met: so the
    law's measure is asked for, two periods or 15 %.
    """
    arrears = Arrears(lease.total_rent_fen or 0, unpaid.fen, unpaid.periods, demand_expired=True)
    if lease.kind == "lease_to_own":
        return may_rescind_finance_lease(arrears, unpaid.figures, clause_met=None).may
    return may_rescind(arrears).may
