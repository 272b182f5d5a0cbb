"""Decides what falls due of one vehicle, from all papers on record and the figures in force.

What a paper prints comes before what is counted. What should be on record and is not, is due
without a day. Leaves out how an obligation stands on a day (`fleet/due.py`), what it forbids
(`blocks.py`), and maintenance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fleet.compliance import battery, inspections, permits
from fleet.compliance.classes import UNKNOWN, VehicleClass, classify
from fleet.compliance.cover import names_use, of_kind, state_of, weight_of
from fleet.compliance.model import Licence, Obligation, Permit, PolicyKind, Rules, VehiclePapers
from fleet.compliance.service_life import life_ends_on
from fleet.compliance.words import RULES
from fleet.figures import Intervals
from fleet.local_days import last_day_before, local_day


@dataclass(frozen=True, slots=True)
class Case:
    """A vehicle's papers, the figures, and the day it is there."""

    papers: VehiclePapers
    rules: Rules
    now: datetime
    today: date
    vehicle_class: VehicleClass


def decide(papers: VehiclePapers, rules: Rules, *, now: datetime) -> list[Obligation]:
    """All that is due of the vehicle, each kind once at most; [] once it is disposed of.

    An ordered vehicle without any paper owes nothing yet. By the mere passing of time the answer
    changes where a record begins to count, where cover begins again after a gap, in the number of
    missed cycles, and in the month predicted for a vehicle without any inspection.
    """
    if papers.stage == "disposed" or (papers.stage == "ordered" and not _has_papers(papers)):
        return []
    case = case_of(papers, rules, now=now)
    return [
        *_inspection(case),
        *_scrap_risk(case),
        _insurance(case, "compulsory", rules.renewal.compulsory_days),
        _insurance(case, "commercial", rules.renewal.commercial_days),
        *_permits(case),
        *_service_life(case),
        *_battery_test(case),
    ]


def case_of(papers: VehiclePapers, rules: Rules, *, now: datetime) -> Case:
    """The vehicle's class by its licence, and the day in its zone."""
    return Case(papers, rules, now, local_day(now, papers.zone), class_of(papers.licence))


def class_of(licence: Licence | None) -> VehicleClass:
    """The class its licence tells; unknown without one."""
    if licence is None:
        return UNKNOWN
    return classify(
        licence.vehicle_type, licence.use_nature, seats=licence.seats, stricter=licence.stricter
    )


def weight_kg(papers: VehiclePapers) -> int | None:
    """The gross weight its licence prints, else that of its model."""
    if papers.licence is not None and papers.licence.gvw_kg is not None:
        return papers.licence.gvw_kg
    return papers.model_gvw_kg


def intervals_of(case: Case) -> tuple[date, Intervals] | None:
    """The day of registration and how often its class is inspected; None: not known."""
    found = case.vehicle_class.inspection
    if case.papers.licence is None or found == "unknown":
        return None
    intervals: Intervals = getattr(case.rules.intervals, found)
    return case.papers.licence.registered_on, intervals


def permit_need(case: Case) -> permits.Need:
    """Whether the vehicle needs a transport permit."""
    return permits.need_of(case.vehicle_class, weight_kg(case.papers), case.rules.permit)


def permit_of(case: Case) -> Permit | None:
    """Its permit, where it has one."""
    return permits.permit_on(case.papers.permits, on=case.today, now=case.now)


def _has_papers(papers: VehiclePapers) -> bool:
    return papers.licence is not None or any(
        (papers.inspections, papers.policies, papers.permits, papers.battery_tests)
    )


def _inspection(case: Case) -> Iterator[Obligation]:
    figures = case.rules.overdue
    hazmat = case.vehicle_class.coach_or_hazmat
    facts: dict[str, Any] = {
        "inspection_class": case.vehicle_class.inspection,
        "fine_from_fen": figures.fine_from_fen,
        "fine_to_fen": figures.fine_to_fen,
        "points": figures.points_coach_or_hazmat if hazmat else figures.points,
        "rule": RULES["inspection"],
    }
    counted = intervals_of(case)
    failed = inspections.last_failure(case.papers.inspections, on=case.today)
    if failed is not None:
        facts["failed_on"] = failed.inspected_on.isoformat()
    last = inspections.last_pass(case.papers.inspections, on=case.today)
    if last is None or last.valid_to_on is None:
        facts["reason"] = "no_record"
        if counted is not None:
            before = case.today.replace(day=1) - timedelta(days=1)
            [due] = inspections.predict(*counted, after_on=before, count=1)
            facts |= {"predicted_month": inspections.month_text(due.due_on), "form": due.form}
        yield Obligation("inspection", None, facts=facts)
        return
    valid_to_on = last.valid_to_on
    facts["printed_month"] = inspections.month_text(valid_to_on)
    facts["inspected_on"] = last.inspected_on.isoformat()
    if counted is not None:
        facts |= _predicted(valid_to_on, *counted)
    window_on = inspections.window_from_on(valid_to_on, case.rules.window.months)
    yield Obligation("inspection", valid_to_on, window_from_on=window_on, facts=facts)


def _predicted(valid_to_on: date, registered_on: date, intervals: Intervals) -> dict[str, Any]:
    """What is asked for by the printed month, and which month is expected to be printed then."""
    before = valid_to_on.replace(day=1) - timedelta(days=1)
    due, after = inspections.predict(registered_on, intervals, after_on=before, count=2)
    as_predicted = due.due_on == valid_to_on
    # Off the months of registration nothing says that a mark would do; the line always does.
    return {
        "form": due.form if as_predicted else "line",
        "as_predicted": as_predicted,
        "predicted_next_month": inspections.month_text(
            after.due_on if as_predicted else due.due_on
        ),
    }


def _scrap_risk(case: Case) -> Iterator[Obligation]:
    counted = intervals_of(case)
    last = inspections.last_pass(case.papers.inspections, on=case.today)
    if counted is None or last is None or last.valid_to_on is None:
        return
    valid_to_on, cycles = last.valid_to_on, case.rules.scrap.missed_cycles
    ends = [m.due_on for m in inspections.predict(*counted, after_on=valid_to_on, count=cycles)]
    yield Obligation(
        "scrap_risk",
        ends[-1],
        window_from_on=inspections.overdue_from_on(valid_to_on),
        facts={
            "from_on": inspections.overdue_from_on(ends[-1]).isoformat(),
            "cycle_ends_on": [day.isoformat() for day in ends],
            "missed_cycles": inspections.missed_cycles(valid_to_on, *counted, on=case.today),
            "rule": RULES["scrap_risk"],
        },
    )


def _insurance(case: Case, kind: PolicyKind, renewal_days: int) -> Obligation:
    policies = case.papers.policies
    state = state_of(policies, kind, at=case.now)
    facts: dict[str, Any] = {"rule": RULES[kind]}
    if state.next_from_at is not None:
        following = next(p for p in of_kind(policies, kind) if p.from_at == state.next_from_at)
        facts["next_policy_no"] = following.policy_no
        facts["next_from_at"] = _instant(state.next_from_at)
    if state.gap is not None:
        facts["gap_hours"] = state.gap.hours
        facts["gap_weight"] = weight_of(kind, case.papers.stage)
    if state.ends_at is None:
        facts["reason"] = "no_record" if state.next_from_at is None else "not_begun"
        return Obligation(kind, None, facts=facts)
    last = next(p for p in of_kind(policies, kind) if p.until_at == state.ends_at)
    facts |= {"policy_no": last.policy_no, "insurer": last.insurer, "use_nature": last.use_nature}
    if case.vehicle_class.body == "goods":
        facts["use_as_expected"] = names_use(last, case.rules.insured_use.leased_goods)
    due_on = last_day_before(state.ends_at, case.papers.zone)
    return Obligation(
        kind,
        due_on,
        due_at=state.ends_at,
        window_from_on=due_on - timedelta(days=renewal_days),
        facts=facts,
    )


def _permits(case: Case) -> Iterator[Obligation]:
    need, permit, rules = permit_need(case), permit_of(case), case.rules.permit
    facts: dict[str, Any] = {"need": need, "gvw_kg": weight_kg(case.papers)}
    if permit is None:
        if need == "required":
            facts |= {"reason": "no_record", "rule": RULES["permit"]}
            yield Obligation("permit", None, facts=facts)
        return
    if need == "not_required":
        return
    facts |= {"permit_no": permit.permit_no, "holder": permit.holder}
    if permit.valid_to_on is not None:
        yield Obligation("permit", permit.valid_to_on, facts=facts | {"rule": RULES["permit"]})
    yield Obligation(
        "permit_review",
        permits.review_due_on(permit, rules),
        facts=facts
        | {"printed": permit.reviewed_to_on is not None, "rule": RULES["permit_review"]},
    )
    licence = case.papers.licence
    registered_on = licence.registered_on if licence is not None else None
    yield Obligation(
        "permit_technical",
        permits.technical_due_on(permit, registered_on, rules),
        facts=facts
        | {"printed": permit.technical_to_on is not None, "rule": RULES["permit_technical"]},
    )


def _service_life(case: Case) -> Iterator[Obligation]:
    if case.papers.licence is None:
        return
    life = case.vehicle_class.life
    ends_on = life_ends_on(case.papers.licence.registered_on, life, case.rules.life)
    if ends_on is not None:
        facts = {"life_class": life, "rule": RULES["service_life"]}
        yield Obligation("service_life", ends_on, facts=facts)


def _battery_test(case: Case) -> Iterator[Obligation]:
    limits = case.rules.battery
    last = battery.last_test(case.papers.battery_tests, on=case.today)
    facts: dict[str, Any] = {"required": limits.required, "rule": RULES["battery_test"]}
    if last is None:
        if limits.required:
            yield Obligation("battery_test", None, facts=facts | {"reason": "no_record"})
        return
    due_on = battery.next_test_on(last, limits)
    if due_on is not None:
        judged = battery.judge(last, case.papers.battery_chemistry, limits)
        facts |= {
            "tested_on": last.tested_on.isoformat(),
            "result": last.result,
            "exceeded": [each.reading for each in judged.exceeded],
        }
        yield Obligation("battery_test", due_on, facts=facts)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
