"""Operations of what is asked over all of it, as `crawl_operations.py` describes them.

What falls due, calendars, what can be let, what stands idle, a vehicle as a whole.
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation, Secret

VIN: Final = {"vin": Id("vin")}
CSV: Final = {"form": "csv"}
DUE: Final = {"organisation": Id("code"), "q": Id("text"), "overdue": "true"}
STOCK: Final = {
    "organisation": Id("code"),
    "depot": Id("child"),
    "model": Id("model_code"),
    "q": Id("text"),
}
ALL_STOCK: Final = {"organisation": "top", "depot": None, "model": None}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_obligations": Operation(query=DUE, own={"organisation": "top"}),
    "export_obligations": Operation(query=DUE | CSV, own={"organisation": "top"}),
    "count_obligations": Operation(query=DUE, own={"organisation": "top"}, shows=False),
    "list_calendar_feeds": Operation(),
    "export_calendar_feeds": Operation(query=CSV),
    "create_calendar_feed": Operation(201, body={"name": "日历", "organisation": Id("code")}),
    "get_calendar_feed": Operation(path={"key": Id("feed_key")}),
    "read_calendar": Operation(path={"token": Secret("feed_secret")}),
    "revoke_calendar_feed": Operation(path={"key": Id("feed_key")}),
    "list_available": Operation(query=STOCK, own=ALL_STOCK),
    "export_available": Operation(query=STOCK | CSV, own=ALL_STOCK),
    "list_idle": Operation(query=STOCK, own=ALL_STOCK),
    "export_idle": Operation(query=STOCK | CSV, own=ALL_STOCK),
    "get_vehicle_page": Operation(path=VIN),
    "list_vehicle_costs": Operation(path=VIN),
    "export_vehicle_costs": Operation(path=VIN, query=CSV),
    "change_vehicle_stage": Operation(
        path={"vin": Id("vin_free")}, body={"stage": "for_sale", "reason": "出售"}, shows=False
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("overdue", "sellable", "override"), "yes or no"),
    **dict.fromkeys(("status", "stage"), "a word"),
    "papers_through": "a day",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "feed_key": lambda n: str(uuid.UUID(int=2**127 + n)),
}
"""Identifiers of nothing that exists, by kind, from a number."""
