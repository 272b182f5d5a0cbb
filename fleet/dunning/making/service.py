"""Makes the notices that are due: for all open bills of an organisation at once, or one by hand.

Done every so often and safe to repeat: a stage is made of a bill once. After down-time what is due
by then is made. Bills that were settled are skipped, and what was not sent of them is withdrawn.
Leaves out what is due (`ladder.py`) and how it is said (`texts.py`).
"""

from datetime import datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.dunning import store
from fleet.dunning.composing.service import Standing, make_notices, stand
from fleet.dunning.errors import (
    NoticeBillNotFound,
    NoticeBillSettled,
    NoticeExists,
    NoticeLacks,
    NoticeStageUnknown,
)
from fleet.dunning.ladder import Step, clause_of, due_stages, lack_of
from fleet.dunning.model import BillDue, Lacking, RunCounts
from schemas.access import Actor

__all__ = ["make_by_hand", "make_due", "organisations_of"]

RNG: Final = SystemRandom()
PUT_RIGHT: Final = frozenset({"clause_missing", "lapsed"})
"""What somebody can and should do something about; the rest is only not due yet."""


def organisations_of(conn: Connection[Any], actor: Actor, *, organisation_id: int) -> list[int]:
    """The organisation and those below it, as far as they have something to dun."""
    actor.require("dunning.record")
    return store.list_organisations_below(conn, organisation_id)


def make_due(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_id: int,
    now: datetime,
    rng: Random = RNG,
) -> RunCounts:
    """Make what is due of the bills of one organisation, and withdraw what is settled.

    The questions it asks are few, however many bills there are. Raises LookupError if there is no
    such organisation in sight, a fault of the caller.
    """
    actor.require("dunning.record")
    withdrawn = store.withdraw_settled(conn, organisation_id)
    standing = stand(conn, organisation_id, now)
    due: list[tuple[BillDue, Step]] = []
    faults: list[Lacking] = []
    for bill in standing.bills:
        found = due_stages(standing.ladder.stages, bill, standing.known(bill), today=standing.today)
        due += [(bill, step) for step in found.steps]
        faults += [each for each in found.lacking if each.why in PUT_RIGHT]
    made = make_notices(conn, actor, standing, due, now=now, rng=rng)
    counts: dict[str, int] = {}
    for _number, kind in made:
        counts[kind] = counts.get(kind, 0) + 1
    if made or withdrawn:
        audit.record(
            conn,
            actor,
            "dunning.run",
            object_kind="organisation",
            object_key=standing.creditor.code,
            now=now,
            after={"made": counts, "withdrawn": withdrawn},
            organisation_id=standing.creditor.tenant_id,
        )
    return RunCounts(organisation_id, len(standing.bills), counts, withdrawn, tuple(faults))


def make_by_hand(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill_no: str,
    stage: str,
    now: datetime,
    rng: Random = RNG,
) -> str:
    """The number of a notice that is made of a bill before its day, or again once withdrawn.

    What the stage stands on is asked for all the same.

    Raises:
        NoticeBillNotFound, NoticeBillSettled: there is no such bill in sight, or nothing is open.
        NoticeStageUnknown, NoticeExists: the ladder has no such stage, or it was made.
        NoticeLacks: it stands on something that is not there.
    """
    actor.require("dunning.record")
    found = store.find_bill(conn, bill_no)
    if found is None:
        raise NoticeBillNotFound(f"no bill has the number {bill_no!r}", bill_no=bill_no[:40])
    bill_id, organisation_id = found
    standing = stand(conn, organisation_id, now, ahead=True)
    bill = next((each for each in standing.bills if each.bill_id == bill_id), None)
    if bill is None:
        raise NoticeBillSettled(f"nothing is open of {bill_no}", bill_no=bill_no)
    step = _step_by_hand(standing, bill, stage)
    made = list(make_notices(conn, actor, standing, [(bill, step)], now=now, rng=rng))
    if not made:
        raise NoticeExists(f"{bill_no} has a notice of {stage}", bill_no=bill_no, stage=stage)
    [(notice_no, kind)] = made
    audit.record(
        conn,
        actor,
        "dunning.make",
        object_kind="notice",
        object_key=notice_no,
        now=now,
        after={"bill_no": bill_no, "stage": stage, "kind": kind},
        organisation_id=standing.creditor.tenant_id,
    )
    return notice_no


def _step_by_hand(standing: Standing, bill: BillDue, code: str) -> Step:
    stage = next((each for each in standing.ladder.stages if each.code == code), None)
    if stage is None:
        raise NoticeStageUnknown(f"the ladder has no stage {code!r}", stage=code[:41])
    known = standing.known(bill)
    was = known.made.get(code)
    if was is not None and was.state != "withdrawn":
        raise NoticeExists(f"{bill.bill_no} has a notice of {code}", stage=code)
    why = lack_of(stage, bill, known, today=standing.today)
    if why is not None:
        raise NoticeLacks(f"{code}: {why}", stage=code, why=why, clause=stage.clause)
    return Step(stage, standing.today, clause_of(stage, known.lease))
