"""Decides whether the steps of a checklist are done: each ok, not applicable, or a fault described.

Leaves out what is done about a fault: that is a line or another order.
"""

from collections.abc import Iterable, Sequence

from fleet.work_orders.errors import FaultNotDescribed, StepUnknown
from fleet.work_orders.model import Check, Result, StepAsked


def missing_steps(steps: Sequence[StepAsked], checks: Iterable[Check]) -> list[StepAsked]:
    """The steps nobody has done yet, in order."""
    done = {check.step_no for check in checks}
    return [step for step in steps if step.no not in done]


def check_result(
    steps: Sequence[StepAsked], step_no: int, result: Result, note: str | None
) -> None:
    """Let pass what may be written down of a step.

    Raises:
        StepUnknown: the checklist has no such step.
        FaultNotDescribed: a fault without a note.
    """
    if step_no not in {step.no for step in steps}:
        raise StepUnknown(f"the checklist has no step {step_no}", step_no=step_no)
    if result == "fault" and note is None:
        raise FaultNotDescribed(f"what is wrong at step {step_no}?", step_no=step_no)
