"""Decides whether a vehicle may be handed over now: 放行.

Nothing forbids it, or somebody who may override that says why, and what was overridden is written
down. What is let has to be fit for its use (Civil Code §708); a lessor who hands out a vehicle with
a known defect is liable (§1209, 交通事故解释 §1). Leaves out the rules of the papers themselves
(`fleet/compliance`) and who may drive it (`fleet/hand_overs`), which a caller brings along.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.clearance.errors import HandOverBlocked, OverrideReasonMissing
from fleet.compliance import service as compliance
from fleet.local_days import local_day
from fleet.registry import service as registry
from fleet.service import service as work
from schemas.access import Actor

__all__ = ["check_clear", "hand_over_blocks", "work_blocks"]

OVERRIDE: Final = "vehicle.override_block"
LEASED_FIT: Final = "民法典 §708"


def hand_over_blocks(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, now: datetime
) -> list[compliance.Block]:
    """What of its papers and of the work on it forbids to hand the vehicle over now."""
    return [
        *compliance.hand_over_blocks(conn, actor, vehicle=vehicle, now=now),
        *work_blocks(conn, vehicle=vehicle),
    ]


def work_blocks(conn: Connection[Any], *, vehicle: registry.Vehicle) -> list[compliance.Block]:
    """Work that keeps it off the road, told by its number alone."""
    return [
        compliance.Block(
            kind="off_the_road",
            rule=LEASED_FIT,
            paper="work_order",
            since_on=None if order.down_from_at is None else local_day(order.down_from_at),
            message_en=f"Work order {order.number} keeps it off the road.",
            message_zh=f"工单{order.number}未完成，车辆停用。",
            paper_no=order.number,
        )
        for order in work.unfit_work(conn, vehicle=vehicle)
    ]


def check_clear(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    extra: Sequence[compliance.Block] = (),
    override: bool = False,
    reason: str | None = None,
    at: datetime | None = None,
    now: datetime,
) -> list[compliance.Block]:
    """What was overridden to hand the vehicle over now: nothing, if nothing forbids it.

    `extra` are blocks that the caller found besides. `at` is when it was handed over, if that is
    written down later: its papers are those of then.

    Raises:
        HandOverBlocked: something forbids it.
        PermissionMissing, StepUpRequired: it is overridden by somebody who may not.
        OverrideReasonMissing: it is overridden without a word.
    """
    blocks = [*hand_over_blocks(conn, actor, vehicle=vehicle, now=at or now), *extra]
    if blocks and not override:
        raise HandOverBlocked(
            f"{vehicle.vin} may not be handed over: {' '.join(map(_why_en, blocks))}",
            vin=vehicle.vin,
            why_zh=[f"{b.message_zh}（{b.rule}）" for b in blocks],
            blocks=[asdict(block) for block in blocks],
        )
    if blocks:
        actor.require(OVERRIDE)
        if not (reason or "").strip():
            raise OverrideReasonMissing(f"say why {vehicle.vin} is handed over all the same")
        audit.record(
            conn,
            actor,
            OVERRIDE,
            object_kind="vehicle",
            object_key=vehicle.vin,
            now=now,
            after={"reason": reason, "blocks": [_told(block) for block in blocks]},
            organisation_id=vehicle.tenant_id,
        )
    return blocks


def _why_en(block: compliance.Block) -> str:
    return f"{block.message_en} ({block.paper}; {block.rule})"


def _told(block: compliance.Block) -> dict[str, Any]:
    since_on = None if block.since_on is None else block.since_on.isoformat()
    return {"kind": block.kind, "paper_no": block.paper_no, "since_on": since_on}
