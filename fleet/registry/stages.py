"""Decides through which stages a vehicle may go: from its order to its disposal.

Leaves out why a vehicle may not be handed over (`fleet/assets`), and who may say so.
"""

from typing import Final, Literal, get_args

from fleet.registry.errors import (
    StageNotFirst,
    StageNotReachable,
    StageReasonMissing,
    StageUnchanged,
)

StageName = Literal["ordered", "in_stock", "let", "in_service", "for_sale", "disposed"]
STAGES: Final[tuple[StageName, ...]] = get_args(StageName)
FIRST_STAGES: Final = ("ordered", "in_stock")

NEXT_STAGES: Final[dict[StageName, frozenset[StageName]]] = {
    # An order that is cancelled ends there: the vehicle never comes.
    "ordered": frozenset({"in_stock", "disposed"}),
    "in_stock": frozenset({"let", "in_service", "for_sale"}),
    # To be sold, or written off, it comes back first, or goes to the workshop.
    "let": frozenset({"in_stock", "in_service"}),
    # Out of the workshop it goes back to where it was; after a total loss it goes for good.
    "in_service": frozenset({"in_stock", "let", "for_sale", "disposed"}),
    # What is to be sold may be repaired for it.
    "for_sale": frozenset({"in_stock", "in_service", "disposed"}),
    "disposed": frozenset(),
}
"""Where it may go from each; nothing comes back from `disposed`."""


def may_follow(stage: StageName, following: StageName) -> bool:
    """Whether a vehicle goes from the one to the other in one step.

    >>> may_follow("in_stock", "let"), may_follow("let", "for_sale")
    (True, False)
    """
    return following in NEXT_STAGES[stage]


def check_first(stage: StageName) -> None:
    """Let pass where a life begins.

    Raises:
        StageNotFirst: none begins there.
    """
    if stage not in FIRST_STAGES:
        raise StageNotFirst(f"no vehicle begins as {stage}", stage=stage)


def check_step(was: StageName | None, stage: StageName, *, reason: str | None, vin: str) -> None:
    """Let pass a step that a vehicle may take; from None it may take any.

    Raises:
        StageUnchanged, StageNotReachable, StageReasonMissing: it may not.
    """
    if was == stage:
        raise StageUnchanged(f"{vin} is {stage} already", vin=vin, stage=stage)
    if was is not None and not may_follow(was, stage):
        raise StageNotReachable(
            f"{vin} does not go from {was} to {stage}", from_stage=was, to_stage=stage
        )
    if stage == "disposed" and not (reason or "").strip():
        raise StageReasonMissing(f"say why {vin} is disposed of", vin=vin)
