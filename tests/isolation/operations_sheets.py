"""Operations of imports and exports, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

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
KEY: Final = {"key": Id("import")}
IMPORTS: Final = {
    "list_import_kinds": Operation(shows=False),
    "get_import_template": Operation(path={"kind": "vehicles"}, shows=False),
    "get_current_sheet": Operation(
        path={"kind": "vehicles"},
        query={"organisation": Id("code")} | CSV,
        own={"organisation": "top"},
    ),
    "start_import": Operation(
        202,
        query={"kind": "vehicles", "file_name": "新.csv"},
        content="车架号,车型\n坏,新\n".encode(),
    ),
    "list_imports": Operation(),
    "get_import": Operation(path=KEY),
    "list_import_rows": Operation(path=KEY),
    "get_annotated_sheet": Operation(path=KEY, shows=False),
    "apply_import": Operation(
        202, path=KEY, body={"mode": "good_rows"}, headers={"If-Match": '"1"'}
    ),
}
OPERATIONS: Final[dict[str, Operation]] = {**EXPORTS, **IMPORTS}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("form", "kind", "outcome", "mode"), "a word"),
    "file_name": "what one's own file is called",
    "sheet": "a sheet of one's own file",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {"import": lambda n: str(UUID(int=n))}
"""Identifiers of nothing that exists, by kind, from a number."""
