"""Operations of imports and exports, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

CSV: Final = {"form": "csv"}
"""In which marks are seen; an .xlsx is packed."""
EXPORTS: Final = {
    "export_users": Operation(
        query={"organisation": Id("code"), "q": Id("text")} | CSV, own={"organisation": "top"}
    ),
    "export_organisations": Operation(query=CSV),
    "export_audit_entries": Operation(
        query={"actor": Id("actor"), "object_key": Id("object_key"), "organisation": Id("code")}
        | CSV,
        own={"actor": None, "object_key": None, "organisation": "top"},
    ),
    "export_vehicles": Operation(
        query={"organisation": Id("code"), "q": Id("text"), "former": "true"} | CSV,
        own={"organisation": "top"},
    ),
    "export_devices": Operation(query={"q": Id("text")} | CSV),
    "export_refusals": Operation(query={"device": Id("serial")} | CSV),
}
OPERATIONS: Final[dict[str, Operation]] = {**EXPORTS}
NO_IDENTIFIER: Final[dict[str, str]] = {"form": "a word"}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {}
"""Identifiers of nothing that exists, by kind, from a number."""
