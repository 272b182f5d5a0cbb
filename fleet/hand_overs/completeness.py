"""Decides whether what was written down at a hand-over is whole: every step answered, no fault
without a word, nothing free of charge with a price.

Leaves out photos, which follow afterwards, and what the steps are (`fleet/checklists`).
"""

from collections.abc import Sequence
from dataclasses import replace

from fleet.hand_overs.errors import (
    FindingIsFree,
    HandOverFaultNotDescribed,
    HandOverStepsMissing,
    HandOverStepUnknown,
)
from fleet.hand_overs.model import Check, Finding, StepAsked


def check_steps(steps: Sequence[StepAsked], checks: Sequence[Check]) -> None:
    """Let pass answers to all steps, each once.

    Raises:
        HandOverStepUnknown: there is no such step, or it is answered twice.
        HandOverFaultNotDescribed: a fault without a note.
        HandOverStepsMissing: others are not answered; it names them.
    """
    asked = {step.no for step in steps}
    answered: set[int] = set()
    for check in checks:
        if check.step_no not in asked or check.step_no in answered:
            raise HandOverStepUnknown(
                f"step {check.step_no} is not asked, or answered twice", step_no=check.step_no
            )
        if check.result == "fault" and check.note is None:
            raise HandOverFaultNotDescribed(
                f"what is wrong at step {check.step_no}?", step_no=check.step_no
            )
        answered.add(check.step_no)
    missing = [f"{step.no} {step.text}" for step in steps if step.no not in answered]
    if missing:
        raise HandOverStepsMissing(f"not looked at: {', '.join(missing)}", steps=missing)


def check_findings(findings: Sequence[Finding]) -> None:
    """Let pass findings of which nothing free has a price.

    Raises:
        FindingIsFree: wear, or what was there before, is to cost something.
    """
    for no, finding in enumerate(findings, 1):
        if (finding.kind == "wear" or finding.was_there) and finding.estimate_fen:
            raise FindingIsFree(f"{finding.part}: not charged by Civil Code §710", no=no)


def mark_known(found: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    """What was found at a return, with what was written down when the vehicle went out marked.

    The same words of the same part are the same thing; it was there, and costs nothing.

    >>> scratch = Finding("damage", "左前门", "划痕", estimate_fen=30_000)
    >>> mark_known([scratch], [Finding("damage", "左前门", "划痕")])[0].estimate_fen is None
    True
    """
    known = {(each.kind, each.part, each.description) for each in before}
    return [
        replace(each, was_there=True, estimate_fen=None)
        if (each.kind, each.part, each.description) in known
        else each
        for each in found
    ]


def photos_missing(steps: Sequence[StepAsked], photos: int) -> bool:
    """Whether fewer photos were added than steps ask for one."""
    return photos < sum(step.photo for step in steps)
