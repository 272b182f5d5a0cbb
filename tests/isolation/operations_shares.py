"""Operations of shares and figures, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.build_shares import SETTLED
from tests.isolation.crawl import Id, Operation

CSV: Final = {"form": "csv"}
OF: Final = {"organisation": Id("code")}
OWN: Final = {"organisation": "top"}
SHARE: Final = {"key": Id("share_key")}
MONTH: Final = {"month": f"{SETTLED:%Y-%m}"}
AGREED: Final = {"owner": Id("code"), "operator": Id("child"), "basis": "earned", "floor_fen": 0}
AGREED_LATER: Final = {"share_pct": "1", "from_month": "2031-01", "until_month": "2031-02"}
SETTLEMENTS: Final = OF | {"agreement": Id("share_key")}
SHARES: Final = {
    "list_share_agreements": Operation(query=OF, own=OWN),
    "add_share_agreement": Operation(409, body=AGREED | AGREED_LATER, own={"owner": "top"}),
    "get_share_agreement": Operation(path=SHARE),
    "preview_share": Operation(path=SHARE, query=MONTH),
    # A month of it is settled.
    "end_share_agreement": Operation(
        422, path=SHARE, body={"until_month": MONTH["month"]}, shows=False
    ),
    "settle_share": Operation(409, path=SHARE, body=MONTH, shows=False),
    "list_share_settlements": Operation(query=SETTLEMENTS, own=OWN),
    "export_share_settlements": Operation(query=SETTLEMENTS | CSV, own=OWN),
    "get_share_settlement": Operation(path={"key": Id("settlement_key")}),
}
NAMED: Final = ("get_ageing", "get_credit")
"""Figures that tell what organisations are called; the others have codes and numbers only."""
FIGURES: Final = (
    *("get_utilisation", "get_collection", "get_deposit_liability"),
    *("get_profit", "get_idle", "get_revenue"),
)
VEHICLES: Final = ("vehicle_profits", "idle_days")
CUSTOMERS: Final = ("aged_customers", "customer_credit")
KPIS: Final = {
    **{name: Operation(query=OF, own=OWN) for name in NAMED},
    **{name: Operation(query=OF, own=OWN, shows=False) for name in FIGURES},
    **{f"list_{name}": Operation(query=OF, own=OWN) for name in VEHICLES},
    **{f"export_{name}": Operation(query=OF | CSV, own=OWN) for name in VEHICLES},
    **{f"list_{name}": Operation(query=OF, own=OWN, shows=False) for name in CUSTOMERS},
    **{f"export_{name}": Operation(query=OF | CSV, own=OWN, shows=False) for name in CUSTOMERS},
}
OPERATIONS: Final[dict[str, Operation]] = SHARES | KPIS
NO_IDENTIFIER: Final[dict[str, str]] = {
    "month": "a month",
    "on": "a day",
    "from_on": "a day",
    "until_on": "a day",
    "known_at": "an instant",
    "in_force_on": "a day",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "share_key": lambda number: str(uuid.UUID(int=2**110 + number)),
    "settlement_key": lambda number: str(uuid.UUID(int=2**111 + number)),
}
"""Identifiers of nothing that exists, by kind, from a number."""
