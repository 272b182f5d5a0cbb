"""Operations of work on vehicles, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
NUMBER: Final = {"number": Id("number")}
OF_THE_TENANT: Final = (
    "all of a tenant see it, none of another: tests/api/test_work_order_routes.py"
)
ORDER_FILTERS: Final = {
    "assignee": Id("login"),
    "vin": Id("vin"),
    "organisation": Id("code"),
    "q": Id("text"),
}
IDLE_FILTERS: Final = {"organisation": Id("code"), "q": Id("text")}
CSV: Final = {"form": "csv"}
WHOLE: Final = {
    "priority": "high",
    "title": "改",
    "description": None,
    "assignee": Id("login"),
    "workshop": None,
    "due_on": None,
    "odometer_km": None,
    "maintenance_codes": [],
}
OPERATIONS: Final[dict[str, Operation]] = {
    "open_work_order": Operation(
        201,
        body=WHOLE
        | {
            "vin": Id("vin"),
            "kind": "repair",
            "checklist": None,
            "reference": None,
            "takes_off_road": False,
        },
    ),
    "list_work_orders": Operation(query=ORDER_FILTERS, own={"organisation": "top"}),
    "export_work_orders": Operation(query=ORDER_FILTERS | CSV, own={"organisation": "top"}),
    "get_work_order": Operation(path=NUMBER),
    "change_work_order": Operation(path=NUMBER, body=WHOLE, headers=VERSION_1),
    "move_work_order": Operation(
        path=NUMBER, body={"state": "in_progress", "note": None, "takes_off_road": False}
    ),
    "add_work_order_line": Operation(
        201,
        path=NUMBER,
        body={
            "kind": "part",
            "title": "件",
            "part_no": None,
            "quantity": 1,
            "unit": "个",
            "unit_price_fen": 1,
        },
    ),
    "strike_work_order_line": Operation(path=NUMBER | {"line_id": Id("line_id")}),
    "add_work_order_check": Operation(
        201, path=NUMBER, body={"step_no": 2, "result": "ok", "note": None}
    ),
    "list_checklists": Operation(shows=False),
    "export_checklists": Operation(query=CSV, shows=False),
    # Its head alone publishes; who asks here is below.
    "publish_checklist": Operation(
        409,
        body={"code": "crawl-new", "kind": "repair", "title": "新", "steps": [{"text": "看"}]},
        shows=False,
    ),
    "get_checklist": Operation(path={"code": Id("checklist")}, apart=OF_THE_TENANT),
    "get_maintenance_plan": Operation(path={"code": Id("model_code")}, apart=OF_THE_TENANT),
    "set_maintenance_plan": Operation(
        path={"code": Id("model_code")}, body={"items": []}, apart=OF_THE_TENANT
    ),
    # What was done goes with the vehicle, and says neither by whom nor for how much.
    "get_vehicle_maintenance": Operation(path={"vin": Id("vin")}, shows=False),
    "record_maintenance": Operation(
        201,
        path={"vin": Id("vin")},
        body={
            "code": "idle-care",
            "done_on": "2026-02-01",
            "odometer_km": None,
            "running_hours": None,
        },
        shows=False,
    ),
    "list_idle_care": Operation(query=IDLE_FILTERS, own={"organisation": "top"}),
    "export_idle_care": Operation(query=IDLE_FILTERS | CSV, own={"organisation": "top"}),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "kind": "a word",
    "priority": "a word",
    "finished": "yes or no",
    "due_before_on": "a day",
    "overdue": "yes or no",
    "off_road": "yes or no",
    "condition": "a word",
    "stage": "a word",
    "check_until_on": "a day",
    "idle_from_on": "a day",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "number": lambda number: f"W9912-{number:06d}",
    "line_id": lambda number: 2**41 + number,
}
"""Identifiers of nothing that exists, by kind, from a number."""
