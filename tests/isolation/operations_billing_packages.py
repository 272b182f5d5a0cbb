"""Operations of service packages, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
CSV: Final = {"form": "csv"}
LIST: Final = {"organisation": Id("code")}
SALES: Final = {
    "lease": Id("lease_served"),
    "customer": Id("lessee_no"),
    "package": "pkg-checks",
    "organisation": Id("code"),
    "q": Id("text"),
}
TOP: Final = {"organisation": "top"}
OF_A_LEASE: Final = {"lease_no": Id("lease_served")}
SALE: Final = {"key": Id("sale_key")}
CODES_ARE_ONES_OWN: Final = "the head's is everybody's to sell: tests/api/test_package_routes.py"
OPERATIONS: Final[dict[str, Operation]] = {
    "list_packages": Operation(query=LIST, own=TOP),
    "export_packages": Operation(query=LIST | CSV, own=TOP),
    "add_package": Operation(
        201,
        body={
            "code": "pkg-new",
            "title": "新",
            "months": 1,
            "price_fen": 1,
            "visit_kind": None,
            "visits": 0,
            "organisation": Id("code"),
        },
    ),
    "retire_package": Operation(
        path={"code": Id("package_code")}, query=LIST, apart=CODES_ARE_ONES_OWN
    ),
    "list_package_sales": Operation(query=SALES, own=TOP),
    "export_package_sales": Operation(query=SALES | CSV, own=TOP),
    "get_package_sale": Operation(path=SALE),
    "record_package_visit": Operation(
        201,
        path=SALE,
        body={"visited_on": None, "work_order": Id("number"), "note": "店", "beyond": False},
        own={"work_order": None},
    ),
    "end_package_sale": Operation(path=SALE, body={"ended_on": None}, headers=VERSION_1),
    "list_lease_packages": Operation(path=OF_A_LEASE),
    "export_lease_packages": Operation(path=OF_A_LEASE, query=CSV),
    "sell_package": Operation(
        201,
        path=OF_A_LEASE,
        body={
            "package": "pkg-checks",
            "from_on": None,
            "line_no": None,
            "vin": Id("vin_out"),
            "renews": False,
            "price_fen": None,
        },
        own={"vin": None},
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {"retired": "yes or no", "ended": "yes or no"}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "lease_served": lambda number: f"L9909-{number:06d}",
    "sale_key": lambda number: str(uuid.UUID(int=2**105 + number)),
    "package_code": lambda number: f"nowhere-{number}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
