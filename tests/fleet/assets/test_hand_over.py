"""A vehicle is let only with its papers in order, or by who may override and says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.assets.service import change_stage
from fleet.audit import service as audit
from fleet.clearance.errors import HandOverBlocked, OverrideReasonMissing
from fleet.compliance import service as compliance
from fleet.registry import service as registry
from fleet.registry.errors import StageNotReachable
from fleet.service import service as work
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired

from ..conftest import VIN_A, VIN_B, refused
from .conftest import LATER


def stage_of(conn: Connection[Any], vin: str = VIN_A) -> str | None:
    found = registry.find_stage(conn, vehicle=registry.get_vehicle(conn, SYSTEM, vin=vin))
    return None if found is None else found.stage


def trail(conn: Connection[Any], action: str) -> list[Any]:
    return audit.list_entries(conn, SYSTEM, {"action": action})


def test_with_its_papers_it_is_handed_over(sound: Connection[Any], ops: Actor) -> None:
    changed = change_stage(sound, ops, vin=VIN_A, stage="let", now=LATER)
    assert (changed.stage, changed.from_at) == ("let", LATER)
    assert stage_of(sound) == "let"
    assert trail(sound, "vehicle.override_block") == []


def test_without_papers_it_is_not_and_each_reason_is_told(
    fleet: Connection[Any], ops: Actor
) -> None:
    with pytest.raises(HandOverBlocked) as raised, fleet.transaction():
        change_stage(fleet, ops, vin=VIN_B, stage="let", now=LATER)
    told = raised.value.facts
    assert told["vin"] == VIN_B
    blocked = {(block["paper"], block["kind"]) for block in told["blocks"]}
    assert ("inspection", "inspection_missing") in blocked
    assert {paper for paper, _ in blocked} >= {"inspection", "compulsory"}
    for block in told["blocks"]:
        assert block["rule"] and block["message_en"] and block["message_zh"]
    assert stage_of(fleet, VIN_B) == "in_stock"


def test_worked_case_2_overdue_since_june_blocks(sound: Connection[Any], ops: Actor) -> None:
    after_it_ran_out = datetime(2027, 6, 1, 2, tzinfo=UTC)
    with pytest.raises(HandOverBlocked) as raised, sound.transaction():
        change_stage(sound, ops, vin=VIN_A, stage="let", now=after_it_ran_out)
    [block] = raised.value.facts["blocks"]
    assert (block["kind"], block["since_on"].isoformat()) == ("inspection_overdue", "2027-06-01")


def test_only_letting_asks_for_papers(fleet: Connection[Any], ops: Actor) -> None:
    change_stage(fleet, ops, vin=VIN_B, stage="for_sale", now=LATER)
    assert stage_of(fleet, VIN_B) == "for_sale"


def test_work_that_keeps_it_off_the_road_blocks(sound: Connection[Any], owner: Actor) -> None:
    order = work.open_work_order(
        sound,
        owner,
        wanted=work.NewWorkOrder(vin=VIN_A, kind="repair", title="制动", takes_off_road=True),
        now=LATER,
    ).order
    later = LATER + timedelta(hours=1)
    with pytest.raises(HandOverBlocked) as raised, sound.transaction():
        change_stage(sound, owner, vin=VIN_A, stage="let", now=later)
    [block] = raised.value.facts["blocks"]
    assert (block["kind"], block["paper_no"]) == ("off_the_road", order.number)
    assert block["since_on"].isoformat() == "2026-11-21"


def test_an_override_takes_its_verb_the_password_and_a_reason(
    fleet: Connection[Any], ops: Actor, owner: Actor
) -> None:
    wanted: dict[str, Any] = {"vin": VIN_B, "stage": "let", "override": True, "now": LATER}
    with pytest.raises(PermissionMissing) as raised, fleet.transaction():
        change_stage(fleet, ops, **wanted, reason="客户急用")
    assert raised.value.facts == {"permission": "vehicle.override_block"}
    with refused(fleet, StepUpRequired):
        change_stage(fleet, replace(owner, stepped_up=False), **wanted, reason="客户急用")
    for reason in (None, "  "):
        with refused(fleet, OverrideReasonMissing):
            change_stage(fleet, owner, **wanted, reason=reason)
    assert stage_of(fleet, VIN_B) == "in_stock"


def test_what_was_overridden_is_written_down(fleet: Connection[Any], owner: Actor) -> None:
    change_stage(fleet, owner, vin=VIN_B, stage="let", override=True, reason="客户急用", now=LATER)
    assert stage_of(fleet, VIN_B) == "let"
    [entry] = trail(fleet, "vehicle.override_block")
    assert (entry.object_key, entry.actor_name, entry.at) == (VIN_B, "lin", LATER)
    assert entry.after["reason"] == "客户急用"
    kinds = [block["kind"] for block in entry.after["blocks"]]
    vehicle = registry.get_vehicle(fleet, SYSTEM, vin=VIN_B)
    blocks = compliance.hand_over_blocks(fleet, SYSTEM, vehicle=vehicle, now=LATER)
    assert kinds == [block.kind for block in blocks]
    assert len(trail(fleet, "vehicle.change_stage")) == 1


def test_an_override_of_nothing_is_a_plain_hand_over(sound: Connection[Any], ops: Actor) -> None:
    change_stage(sound, ops, vin=VIN_A, stage="let", override=True, now=LATER)
    assert stage_of(sound) == "let"
    assert trail(sound, "vehicle.override_block") == []


def test_nothing_comes_back_from_disposed(sound: Connection[Any], owner: Actor) -> None:
    for hours, stage in enumerate(("for_sale", "disposed")):
        at = LATER + timedelta(hours=hours)
        change_stage(sound, owner, vin=VIN_A, stage=stage, reason="出售", now=at)  # type: ignore[arg-type]
    with refused(sound, StageNotReachable):
        change_stage(sound, owner, vin=VIN_A, stage="in_stock", now=LATER + timedelta(hours=3))


def test_what_is_disposed_of_owes_nothing_more(sound: Connection[Any], owner: Actor) -> None:
    def owed() -> int:
        row = sound.execute("SELECT count(*) FROM obligations WHERE is_open").fetchone()
        assert row is not None
        return int(row[0])

    before = owed()
    change_stage(sound, owner, vin=VIN_A, stage="for_sale", now=LATER)
    change_stage(
        sound, owner, vin=VIN_A, stage="disposed", reason="报废", now=LATER + timedelta(hours=1)
    )
    assert before > 0
    assert owed() == 0


def test_it_takes_vehicle_change_stage(sound: Connection[Any], owner: Actor) -> None:
    lacking = replace(owner, permissions=owner.permissions - {"vehicle.change_stage"})
    with refused(sound, PermissionMissing):
        change_stage(sound, lacking, vin=VIN_A, stage="let", now=LATER)
