"""Operations of dunning, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.fixtures.sample_files import JPEG
from tests.isolation.crawl import Id, Operation

FILTERS: Final = {
    "bill": Id("dunned_bill"),
    "lease": Id("lease_served"),
    "customer": Id("lessee_no"),
    "organisation": Id("code"),
    "q": Id("text"),
}
TOP: Final = {"organisation": "top"}
NOTICE: Final = {"notice_no": Id("notice_no")}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_dunning_notices": Operation(query=FILTERS, own=TOP),
    "export_dunning_notices": Operation(query=FILTERS | {"form": "csv"}, own=TOP),
    "get_dunning_notice": Operation(path=NOTICE),
    "record_dunning_delivery": Operation(
        201,
        path=NOTICE,
        body={
            "channel": "wechat",
            "result": "sent",
            "sent_at": None,
            "arrived_at": None,
            "proof": None,
            "document": Id("document"),
            "note": None,
        },
        own={"document": None},
    ),
    "add_dunning_document": Operation(
        201, path=NOTICE, query={"kind": "photo", "name": "new.jpg"}, content=JPEG
    ),
    "withdraw_dunning_notice": Operation(
        path={"notice_no": Id("notice_to_withdraw")},
        body={"note": "已协商"},
        headers={"If-Match": '"1"'},
    ),
    "make_dunning_notice": Operation(
        201, path={"bill_no": Id("dunned_bill")}, body={"stage": "overdue_1"}
    ),
    "run_dunning": Operation(body={"organisation": Id("code")}, own=TOP, shows=False),
}
NO_IDENTIFIER: Final[dict[str, str]] = {"stage": "a word", "settled": "yes or no"}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "dunned_bill": lambda number: f"B2098-1-{number:06d}",
    "notice_no": lambda number: f"D9901-{number:06d}",
    "notice_to_withdraw": lambda number: f"D9902-{number:06d}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
