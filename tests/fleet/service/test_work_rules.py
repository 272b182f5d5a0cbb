"""What every service of work on vehicles keeps: permissions and the audit trail."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.checklists import service as checklists
from fleet.maintenance import service as maintenance
from fleet.orgs import service as orgs
from fleet.registry import service as registry
from fleet.service import service
from fleet.work_orders import service as work_orders
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fleet.conftest import VIN_A, person
from tests.fleet.service.conftest import BATTERY, later, opened, shop

Conn = Connection[Any]
__all__ = ["shop"]
AT: Final = {"now": later(9)}
MODEL: Final = {"model_code": "ec35"}
REPAIR: Final = service.NewWorkOrder(VIN_A, "repair", "制动异响")
LINE: Final = {"kind": "part", "title": "片", "quantity": Decimal(1), "unit": "片"}
CHANGES: Final = {
    "priority": "high",
    "title": "更换制动片",
    "description": None,
    "assignee": None,
    "workshop": None,
    "due_on": None,
    "odometer_km": None,
    "maintenance_codes": [],
}


class Asked(NamedTuple):
    """A service function, the verb it asks for, and a call that is allowed.

    `number` is that of an order in this state, `vehicle` is A.
    """

    function: Callable[..., Any]
    verb: str
    facts: dict[str, Any]
    needs: str = ""
    """`number` (of an order), `vehicle`, or nothing."""
    state: Any = "in_progress"
    told: tuple[str, str] | None = None
    """Of a change: action, and the key of what was changed, if it is no order."""

    def ask(self, conn: Conn, actor: Actor, number: str) -> object:
        facts = dict(self.facts)
        if self.needs == "number":
            facts["number"] = number
        if self.needs == "vehicle":
            facts["vehicle"] = registry.get_vehicle(conn, SYSTEM, vin=VIN_A)
        return self.function(conn, actor, **facts)


CREATE, READ, WORK, CLOSE, PLAN = (
    *("work_order.create", "work_order.read", "work_order.change", "work_order.close"),
    "plan.change",
)
SPAN: Final = {"from_at": later(0), "until_at": later(5), **AT}
ASKED: Final = [
    Asked(service.open_work_order, CREATE, {"wanted": REPAIR, **AT}, told=(CREATE, "")),
    Asked(
        service.change_work_order,
        WORK,
        {"version": 2, "changes": CHANGES, **AT},
        "number",
        told=(WORK, ""),
    ),
    Asked(
        service.move_work_order,
        WORK,
        {"state": "done", **AT},
        "number",
        told=("work_order.move", ""),
    ),
    Asked(service.move_work_order, CLOSE, {"state": "closed", **AT}, "number", "done", (CLOSE, "")),
    Asked(
        work_orders.add_line,
        WORK,
        LINE | {"unit_price_fen": 100, **AT},
        "number",
        told=("work_order.add_line", ""),
    ),
    Asked(
        work_orders.add_check,
        WORK,
        {"step_no": 1, "result": "ok", **AT},
        "number",
        told=("work_order.add_check", ""),
    ),
    Asked(work_orders.strike_line, WORK, {"line_id": 1, **AT}, "number"),
    Asked(work_orders.get_work_order, READ, AT, "number"),
    Asked(work_orders.list_work_orders, READ, {"filters": {}, **AT}),
    Asked(work_orders.list_open_work, READ, {}, "vehicle"),
    Asked(work_orders.sum_downtime, READ, SPAN, "vehicle"),
    Asked(checklists.list_checklists, READ, {}),
    Asked(checklists.get_checklist, READ, {"code": BATTERY.code}),
    Asked(
        checklists.publish_checklist,
        PLAN,
        {"draft": BATTERY, "head_code": "head", **AT},
        told=("checklist.publish", BATTERY.code),
    ),
    Asked(maintenance.get_plan, "paper.read", MODEL),
    Asked(
        maintenance.set_plan,
        PLAN,
        MODEL | {"version": 2, "items": [], **AT},
        told=(PLAN, "ec35"),
    ),
    Asked(
        maintenance.record_done,
        WORK,
        {"vin": VIN_A, "code": "idle-care", "done_on": date(2026, 3, 1), **AT},
        told=("maintenance.record", VIN_A),
    ),
    Asked(maintenance.get_vehicle_maintenance, "paper.read", AT, "vehicle"),
    Asked(maintenance.list_idle_care, "vehicle.read", {"filters": {}, **AT}),
]
BY_OTHERS: Final = {
    **dict.fromkeys(("advance", "change", "open_order", "write_audit"), "parts of an act"),
    **dict.fromkeys(("check_complete", "check_reachable", "find_own", "detail_of"), "the same"),
    **dict.fromkeys(("known_work_orders", "save_work_orders"), "import.run is asked"),
    "unfit_work": "a part of handing over",
    **dict.fromkeys(("edition_by_id", "latest_for", "latest_of_kind"), "parts of opening an order"),
    **dict.fromkeys(("check_codes", "note_done"), "parts of an order"),
    **dict.fromkeys(("refresh_maintenance", "zone_of", "place_of_idle"), "nobody asks for it"),
}
"""Services that ask no actor, and why."""


def name_of(asked: Asked) -> str:
    return f"{asked.function.__name__} {asked.verb}"


every_service = pytest.mark.parametrize("asked", ASKED, ids=name_of)
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def begun(conn: Conn, asked: Asked) -> str:
    """The number of an order in the state that is asked for."""
    number = opened(conn, kind="battery_check", checklist="battery-check").order.number
    service.move_work_order(conn, SYSTEM, number=number, state="in_progress", now=later(2))
    if "done" in (asked.state, asked.facts.get("state")):
        for step_no in range(1, len(BATTERY.steps) + 1):
            work_orders.add_check(
                conn, SYSTEM, number=number, step_no=step_no, result="ok", now=later(3)
            )
    if asked.state == "done":
        service.move_work_order(conn, SYSTEM, number=number, state="done", now=later(4))
    return number


@pytest.mark.parametrize(
    "module", [service, work_orders, checklists, maintenance], ids=lambda module: module.__name__
)
def test_every_service_is_asked_here(module: ModuleType) -> None:
    public = {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    asked = {one.function.__name__ for one in ASKED}
    assert public - asked - BY_OTHERS.keys() == set()


@on_one_storage
@every_service
def test_who_lacks_the_verb_gets_none(shop: Conn, asked: Asked) -> None:
    number = begun(shop, asked)
    owner = person(orgs.get_organisation(shop, SYSTEM, code="head"))
    lacking = replace(owner, permissions=owner.permissions - {asked.verb})
    with pytest.raises(PermissionMissing) as raised, shop.transaction():
        asked.ask(shop, lacking, number)
    assert raised.value.facts == {"permission": asked.verb}


@pytest.mark.parametrize("asked", [one for one in ASKED if one.told], ids=name_of)
def test_a_change_is_written_down_once(shop: Conn, asked: Asked) -> None:
    number = begun(shop, asked)
    length = len(audit.list_entries(shop, SYSTEM, {}, limit=1_000))
    asked.ask(shop, SYSTEM, number)
    entries = audit.list_entries(shop, SYSTEM, {}, limit=1_000)
    assert asked.told is not None
    action, key = asked.told
    told = (entries[0].action, entries[0].organisation_code, entries[0].at)
    assert told == (action, "head", later(9))
    assert len(entries) == length + 1
    if asked.needs == "number":
        assert entries[0].object_key == number
    elif key:
        assert entries[0].object_key == key


@on_one_storage
@pytest.mark.parametrize(
    "asked",
    [one for one in ASKED if one.function.__name__.partition("_")[0] in ("get", "list", "sum")],
    ids=name_of,
)
def test_reading_leaves_no_entry(shop: Conn, asked: Asked) -> None:
    number = begun(shop, asked)
    length = len(audit.list_entries(shop, SYSTEM, {}, limit=1_000))
    asked.ask(shop, SYSTEM, number)
    assert len(audit.list_entries(shop, SYSTEM, {}, limit=1_000)) == length


def test_a_change_says_what_became_of_what(shop: Conn) -> None:
    number = opened(shop).order.number
    changes: Any = CHANGES | {"due_on": date(2026, 4, 1)}
    service.change_work_order(shop, SYSTEM, number=number, version=1, changes=changes, now=later(2))
    entry = audit.list_entries(shop, SYSTEM, {"object_key": number}, limit=1)[0]
    assert (entry.before, entry.after) == (
        {"priority": "normal", "title": "制动异响", "due_on": None},
        {"priority": "high", "title": "更换制动片", "due_on": "2026-04-01"},
    )
