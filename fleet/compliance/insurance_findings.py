"""Decides what wants in a vehicle's insurance forbid handing it over, or speak against it.

Leaves out all other papers (`blocks.py`), and what each policy covers.
"""

from collections.abc import Iterator

from fleet.compliance.cover import in_force, names_use, of_kind, state_of, weight_of
from fleet.compliance.model import Block, PaperWarning, PolicyKind
from fleet.compliance.papers import Case
from fleet.compliance.sentences import begin_en, begin_zh, end_en, end_zh
from fleet.compliance.words import RULES
from fleet.due_titles import PAPER_TITLES
from fleet.local_days import local_day


def insurance_findings(case: Case, kind: PolicyKind) -> Iterator[Block | PaperWarning]:
    """What is wrong with the insurance of that kind; wanting cover comes alone."""
    uncovered = _uncovered(case, kind)
    if uncovered is not None:
        yield uncovered
        return
    yield from _gap_ahead(case, kind)
    if case.vehicle_class.body == "goods":
        yield from _insured_use(case, kind)


def _uncovered(case: Case, kind: PolicyKind) -> Block | PaperWarning | None:
    """Not insured now: by 交强险 forbids, by 商业险 warns."""
    state = state_of(case.papers.policies, kind, at=case.now)
    if state.is_covered:
        return None
    finding: type[Block | PaperWarning] = Block if kind == "compulsory" else PaperWarning
    title, zone, ends_at = PAPER_TITLES[kind], case.papers.zone, state.ends_at
    then_en = then_zh = ""
    if state.next_from_at is not None:
        then_en = f" The next policy begins {begin_en(state.next_from_at, zone)}."
        then_zh = f"下一保单自{begin_zh(state.next_from_at, zone)}起生效。"
    if ends_at is None:
        return finding(
            f"{kind}_missing",
            RULES[kind],
            kind,
            None,
            f"{title.en}: no policy is in force.{then_en}",
            f"没有生效的{title.zh}保单。{then_zh}",
        )
    last = next(p for p in of_kind(case.papers.policies, kind) if p.until_at == ends_at)
    return finding(
        f"{kind}_lapsed",
        RULES[kind],
        kind,
        local_day(ends_at, zone),
        f"{title.en} has lapsed: policy {last.policy_no} ended {end_en(ends_at, zone)}.{then_en}",
        f"{title.zh}脱保：保单{last.policy_no}已于{end_zh(ends_at, zone)}到期。{then_zh}",
        last.policy_no,
    )


def _gap_ahead(case: Case, kind: PolicyKind) -> Iterator[PaperWarning]:
    gap = state_of(case.papers.policies, kind, at=case.now).gap
    if gap is None:
        return
    title, zone = PAPER_TITLES[kind], case.papers.zone
    weight = weight_of(kind, case.papers.stage)
    yield PaperWarning(
        f"{kind}_gap_ahead",
        RULES[kind],
        kind,
        local_day(gap.from_at, zone),
        f"{title.en} will lapse for {gap.hours:g} hours, from {end_en(gap.from_at, zone)}"
        f" to {begin_en(gap.until_at, zone)} ({weight}).",
        f"{title.zh}将脱保{gap.hours:g}小时：{end_zh(gap.from_at, zone)}至"
        f"{begin_zh(gap.until_at, zone)}（{'严重' if weight == 'critical' else '提醒'}）。",
    )


def _insured_use(case: Case, kind: PolicyKind) -> Iterator[PaperWarning]:
    """A goods vehicle that is let is insured for commercial use (保险法 §52, a design default)."""
    expected = case.rules.insured_use.leased_goods
    title = PAPER_TITLES[kind]
    for policy in in_force(case.papers.policies, kind, at=case.now):
        named = names_use(policy, expected)
        if named:
            continue
        printed_en = "no use nature" if named is None else policy.use_nature
        printed_zh = "未记录使用性质" if named is None else f"使用性质为“{policy.use_nature}”"
        yield PaperWarning(
            f"{kind}_use_unrecorded" if named is None else f"{kind}_use_mismatch",
            "保险法 §52",
            kind,
            local_day(policy.from_at, case.papers.zone),
            f"{title.en}: policy {policy.policy_no} names {printed_en}, not {expected}, as a goods"
            " vehicle that is let should be insured for; the insurer may refuse to pay.",
            f"{title.zh}保单{policy.policy_no}{printed_zh}，出租货车应按“{expected}”投保，"
            "否则保险人可能拒赔。",
            policy.policy_no,
        )
