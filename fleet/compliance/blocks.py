"""Decides what forbids handing a vehicle over, and what speaks against it, each with its law.

An owner answers for handing over a vehicle with a known want (Civil Code §1209, 交通事故解释 §1):
what is not on record forbids as much as what has lapsed. Leaves out who may override a block,
driving licences, open work and the state of charge.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fleet.compliance import battery, inspections, permits
from fleet.compliance.insurance_findings import insurance_findings
from fleet.compliance.model import (
    Block,
    Obligation,
    ObligationKind,
    PaperWarning,
    Rules,
    VehiclePapers,
)
from fleet.compliance.papers import Case, case_of, permit_need, permit_of
from fleet.compliance.sentences import day_zh, month_zh
from fleet.compliance.words import RULES
from fleet.due import days_overdue
from fleet.due_titles import PAPER_TITLES

Finding = Block | PaperWarning


class Standing(NamedTuple):
    """The case and what is due, by kind."""

    case: Case
    due: dict[ObligationKind, Obligation]


def blocks_of(
    obligations: Sequence[Obligation], papers: VehiclePapers, rules: Rules, *, now: datetime
) -> tuple[list[Block], list[PaperWarning]]:
    """What forbids a hand-over at `now`, and what only speaks against it.

    `obligations` are those of `decide` for the same papers, figures and instant.
    """
    standing = Standing(case_of(papers, rules, now=now), {each.kind: each for each in obligations})
    found: list[Finding] = [
        *_inspection(standing),
        *insurance_findings(standing.case, "compulsory"),
        *_permit(standing),
        *_service_life(standing),
        *_scrap_risk(standing),
        *_unknown(standing),
        *insurance_findings(standing.case, "commercial"),
        *_battery(standing),
    ]
    return (
        [each for each in found if isinstance(each, Block)],
        [each for each in found if isinstance(each, PaperWarning)],
    )


def _inspection(standing: Standing) -> Iterator[Finding]:
    case, due = standing.case, standing.due.get("inspection")
    finding: type[Finding] = Block if case.rules.overdue.blocks_hand_over else PaperWarning
    if due is None or due.due_on is None:
        yield finding(
            "inspection_missing",
            RULES["inspection"],
            "inspection",
            None,
            "There is no record of until when the inspection is valid.",
            "没有年审有效期记录。",
        )
    elif (days := days_overdue(due.due_on, on=case.today)) > 0:
        since_on = inspections.overdue_from_on(due.due_on)
        yield finding(
            "inspection_overdue",
            RULES["inspection"],
            "inspection",
            since_on,
            f"The inspection is overdue since {since_on} ({days} days): the licence is valid"
            f" to {inspections.month_text(due.due_on)}.",
            f"年审自{day_zh(since_on)}起逾期（已逾期{days}天）：检验有效期至{month_zh(due.due_on)}。",
        )
    failed = inspections.last_failure(case.papers.inspections, on=case.today)
    if failed is not None:
        yield PaperWarning(
            "inspection_failed",
            RULES["inspection"],
            "inspection",
            failed.inspected_on,
            f"The inspection of {failed.inspected_on} was failed, and none was passed since.",
            f"{day_zh(failed.inspected_on)}检验不合格，此后未通过检验。",
            failed.report_no,
        )


def _permit(standing: Standing) -> Iterator[Finding]:
    case = standing.case
    need, permit = permit_need(case), permit_of(case)
    due = standing.due.get("permit")
    if permit is None:
        yield from _permit_wanting(case, need)
        return
    if due is not None and due.due_on is not None and case.today > due.due_on:
        # Of a vehicle that may not need one, an expired permit only speaks against it.
        finding: type[Finding] = Block if need == "required" else PaperWarning
        yield finding(
            "permit_expired",
            RULES["permit"],
            "permit",
            due.due_on + timedelta(days=1),
            f"Transport permit {permit.permit_no} was valid to {due.due_on}.",
            f"道路运输证{permit.permit_no}已于{day_zh(due.due_on)}到期。",
            permit.permit_no,
        )
    names = case.papers.holder_names
    if need != "not_required" and names and not permits.is_held_by(permit, names):
        yield PaperWarning(
            "permit_held_by_another",
            "道路运输条例 §33, §66",
            "permit",
            permit.issued_on,
            f"Transport permit {permit.permit_no} is held by {permit.holder}, neither the owner"
            " nor the operator; a permit must not be rented out.",
            f"道路运输证{permit.permit_no}的持有人为{permit.holder}，不是产权方或运营商；"
            "道路运输证不得出租、转让。",
            permit.permit_no,
        )
    yield from _permit_checks(standing, permit.permit_no)


def _permit_wanting(case: Case, need: permits.Need) -> Iterator[Finding]:
    limit_kg = case.rules.permit.above_gvw_kg
    if need == "required":
        yield Block(
            "permit_missing",
            RULES["permit"],
            "permit",
            None,
            f"A goods vehicle above {limit_kg} kg needs a transport permit; there is none.",
            f"总质量超过{limit_kg}千克的货车须有道路运输证，但没有记录。",
        )
    elif need == "unknown" and case.papers.licence is not None:
        yield PaperWarning(
            "permit_need_unknown",
            RULES["permit"],
            "permit",
            None,
            "Its weight or type is not known, so neither is whether it needs a transport permit.",
            "总质量或车辆类型不明，无法判断是否须有道路运输证。",
        )


def _permit_checks(standing: Standing, permit_no: str) -> Iterator[Finding]:
    kinds: tuple[ObligationKind, ...] = ("permit_review", "permit_technical")
    for kind in kinds:
        due = standing.due.get(kind)
        if due is None or due.due_on is None or standing.case.today <= due.due_on:
            continue
        title = PAPER_TITLES[kind]
        yield PaperWarning(
            f"{kind}_overdue",
            RULES[kind],
            "permit",
            due.due_on + timedelta(days=1),
            f"{title.en} was due on {due.due_on}.",
            f"{title.zh}应于{day_zh(due.due_on)}前完成，已逾期。",
            permit_no,
        )


def _service_life(standing: Standing) -> Iterator[Finding]:
    due = standing.due.get("service_life")
    if due is not None and due.due_on is not None and standing.case.today > due.due_on:
        yield Block(
            "service_life_over",
            RULES["service_life"],
            "licence",
            due.due_on + timedelta(days=1),
            f"The vehicle's service life ended on {due.due_on}.",
            f"车辆已达报废年限（{day_zh(due.due_on)}）。",
        )


def _scrap_risk(standing: Standing) -> Iterator[Finding]:
    due = standing.due.get("scrap_risk")
    if due is not None and due.due_on is not None and standing.case.today > due.due_on:
        cycles = standing.case.rules.scrap.missed_cycles
        since_on = due.due_on + timedelta(days=1)
        yield Block(
            "scrap_risk",
            RULES["scrap_risk"],
            "inspection",
            since_on,
            f"No inspection was passed for {cycles} cycles in a row: to be scrapped by law"
            f" since {since_on}.",
            f"连续{cycles}个检验周期未通过年审，自{day_zh(since_on)}起应强制报废。",
        )


def _unknown(standing: Standing) -> Iterator[Finding]:
    """Without a licence, or with one whose words we do not know, something is not watched."""
    case = standing.case
    licence = case.papers.licence
    if licence is None:
        yield PaperWarning(
            "licence_missing",
            "道路交通安全法 §95",
            "licence",
            None,
            "There is no vehicle licence on record: its class and service life are not known.",
            "没有行驶证记录，无法判断车辆类别和报废年限。",
        )
    elif "unknown" in (case.vehicle_class.inspection, case.vehicle_class.life):
        printed = f"{licence.vehicle_type}, {licence.use_nature}"
        yield PaperWarning(
            "class_unknown",
            RULES["inspection"],
            "licence",
            None,
            f"The class of {printed} is not known: its inspections or its service life are not"
            " predicted.",
            f"无法识别车辆类别（{printed}），未预测其年审或报废年限。",
        )


def _battery(standing: Standing) -> Iterator[Finding]:
    case = standing.case
    last = battery.last_test(case.papers.battery_tests, on=case.today)
    if last is None:
        return
    judged = battery.judge(last, case.papers.battery_chemistry, case.rules.battery)
    if "maintain" not in (last.result, judged.result):
        return
    above = ", ".join(f"{e.reading} {e.measured_c} > {e.limit_c:g}" for e in judged.exceeded)
    yield PaperWarning(
        "battery_maintain",
        RULES["battery_test"],
        "battery_test",
        last.tested_on,
        f"The battery test of {last.tested_on} advises maintenance{above and f' ({above})'}.",
        f"{day_zh(last.tested_on)}动力电池检测结果为建议维护{above and f'（{above}）'}。",
    )
