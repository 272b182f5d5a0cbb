"""Makes work on vehicles of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.checklists.service import ChecklistDraft, publish_checklist
from fleet.maintenance.service import PlanItem, get_plan, record_done, set_plan
from fleet.service.service import NewWorkOrder, add_check, add_line, open_work_order
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation

CHECKLIST = "crawl-check"
"""Of each tenant one, which all of its members see: it bears nobody's mark."""


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """Beside the vehicles in `known`, which `owner` owns and `one` operates; `by` may do all.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.
    """
    if one.part == "root" and known is one.ids:
        draft = ChecklistDraft(CHECKLIST, "repair", "检查", (("看", False), ("试", True)))
        publish_checklist(conn, by, draft=draft, now=LONG_AGO)
        code = known["model_code"]
        version = get_plan(conn, by, model_code=code).version
        items = [PlanItem("service", "保养", every_months=6)]
        set_plan(conn, by, model_code=code, version=version, items=items, now=LONG_AGO)
    own = replace(
        by, name=f"smith.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    price_fen = 7_000_000 + 1_000 * one.number
    wanted = NewWorkOrder(
        vin=known["vin"],
        kind="repair",
        title=f"单{one.mark}",
        description=f"述{one.mark}",
        assignee=known["login"],
        workshop=f"厂{one.mark}",
        checklist=CHECKLIST,
        reference=f"号{one.mark}{known['vin']}",
    )
    number = open_work_order(conn, own, wanted=wanted, now=NOW).order.number
    told = add_line(
        conn,
        own,
        number=number,
        kind="part",
        title=f"件{one.mark}",
        quantity=Decimal(1),
        unit="个",
        unit_price_fen=price_fen,
        now=NOW,
    )
    note = f"查{one.mark}"
    add_check(conn, own, number=number, step_no=1, result="fault", note=note, now=NOW)
    record_done(conn, own, vin=known["vin"], code="idle-care", done_on=date(2026, 1, 31), now=NOW)
    known |= {"number": number, "line_id": told.lines[0].id}
    one.marks += [number, str(price_fen)]
