"""Operations of alerts, silences and escalations, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from tests.isolation.crawl import Id, Operation
from tests.isolation.crawl_world import NOW

CSV: Final = {"form": "csv"}
FILTERS: Final = {
    "vehicle": Id("vin"),
    "lease": Id("lease_served"),
    "bill": Id("dunned_bill"),
    "customer": Id("lessee_no"),
    "assignee": Id("alert_guard"),
    "organisation": Id("code"),
    "q": Id("text"),
}
OWN: Final = {"organisation": "top", "lease": None, "bill": None, "customer": None, "q": "vin"}
OF: Final = {"organisation": Id("code")}
TOP: Final = {"organisation": "top"}
ALL: Final = {"organisation": None}
"""Numbers show the organisation's code only, which may not be in the question then."""
YARD: Final = {"organisation": Id("child")}
ALERT: Final = {"alert_no": Id("alert")}
LATER: Final = (NOW + timedelta(days=2)).isoformat()


def version(number: int) -> dict[str, str]:
    """The alert after so many acts; those stand here in their order."""
    return {"If-Match": f'"{number}"'}


OPERATIONS: Final[dict[str, Operation]] = {
    "list_alerts": Operation(query=FILTERS, own=OWN),
    "export_alerts": Operation(query=FILTERS | CSV, own=OWN),
    "get_alert_summary": Operation(query=OF, own=ALL),
    "list_alert_storms": Operation(query=OF, own=ALL),
    "get_alert": Operation(path=ALERT),
    "acknowledge_alerts": Operation(
        body={"alert_nos": ["A9900-AAAAAAAA"], "note": None}, shows=False
    ),
    "comment_alert": Operation(path=ALERT, body={"note": "试"}),
    "resolve_alert": Operation(path=ALERT, body={"resolution": "试"}, headers=version(2)),
    "reopen_alert": Operation(path=ALERT, body={"note": None}, headers=version(3)),
    "acknowledge_alert": Operation(path=ALERT, body={"note": None}, headers=version(4)),
    "start_alert": Operation(path=ALERT, body={"note": None}, headers=version(5)),
    "assign_alert": Operation(
        path=ALERT, body={"assignee": Id("alert_guard"), "note": None}, headers=version(6)
    ),
    "snooze_alert": Operation(
        path=ALERT, body={"until_at": LATER, "note": None}, headers=version(7)
    ),
    "make_alert_work_order": Operation(
        201,
        path=ALERT,
        body={
            "kind": None,
            "title": None,
            "priority": None,
            "assignee": Id("login"),
            "due_on": None,
            "note": None,
        },
        headers=version(8),
    ),
    "list_alert_refusals": Operation(query=OF, own=TOP),
    "export_alert_refusals": Operation(query=OF | CSV, own=TOP),
    "get_alert_refusal": Operation(path={"refusal_id": Id("alert_refusal")}),
    "list_alert_silences": Operation(query=OF, own=TOP),
    "export_alert_silences": Operation(query=OF | CSV, own=TOP),
    "make_alert_silence": Operation(
        201,
        body={
            "organisation": Id("code"),
            "reason": "试",
            "matching": {},
            "from_at": None,
            "until_at": LATER,
        },
    ),
    "end_alert_silence": Operation(path={"key": Id("silence")}, headers=version(1)),
    "get_alert_escalation": Operation(query=YARD),
    "set_alert_escalation": Operation(query=YARD, body={"steps": []}, headers=version(1)),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "severity": "a word",
    "kind": "a word",
    "rule": "a rule's code; a list in sight is narrowed by it",
    "unresolved": "yes or no",
    "snoozed": "yes or no",
    "inhibited": "yes or no",
    "historical": "yes or no",
    "over": "yes or no",
    "settled": "yes or no",
    "what": "a word",
    "source": "a word",
    "alert_nos": "tried with others': tests/alerts/inbox/test_handling.py",
    "steps": "a log-in within is tried with others': tests/api/test_alert_routes.py",
    "matching": "what nobody is told of, of those in sight",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "alert": lambda number: f"A9901-{number:08d}",
    "alert_guard": lambda number: f"nobody.guard.{number}",
    "silence": lambda number: str(uuid.UUID(int=2**100 + number)),
    "alert_refusal": lambda number: 2**41 + number,
}
"""Identifiers of nothing that exists, by kind, from a number."""
