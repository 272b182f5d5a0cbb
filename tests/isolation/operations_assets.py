"""Operations of models, lives, files and figures, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from tests.fixtures.sample_files import JPEG
from tests.isolation.crawl import Id, New, Operation

VIN: Final = {"vin": Id("vin")}
CSV: Final = {"form": "csv"}
OF_A_TENANT: Final = "one catalogue for all of a tenant: test_tenant_wide.py"
MODEL: Final = {"name": "车型", "maker": "厂", "body_type": "微型封闭货车", "care": {}}
MODELS: Final = {
    "list_models": Operation(query={"q": Id("text")}, shows=False),
    "export_models": Operation(query={"q": Id("text"), "form": "csv"}, shows=False),
    "create_model": Operation(201, body={"code": New("code"), **MODEL}, apart=OF_A_TENANT),
    "get_model": Operation(path={"code": Id("model_code")}, apart=OF_A_TENANT),
    "change_model": Operation(path={"code": Id("model_code")}, body=MODEL, apart=OF_A_TENANT),
}
LIVES: Final = {
    "list_stages": Operation(path=VIN),
    "list_transfers": Operation(path=VIN),
    "list_odometer": Operation(path=VIN),
    "export_stages": Operation(path=VIN, query=CSV),
    "export_transfers": Operation(path=VIN, query=CSV),
    "export_odometer": Operation(path=VIN, query=CSV),
    "export_pool": Operation(query={"q": Id("text"), "form": "csv"}, shows=False),
    "record_odometer": Operation(
        201, path=VIN, body={"odometer_km": 500.5, "read_at": None, "note": None}
    ),
    "get_purchase": Operation(path=VIN),
    "record_purchase": Operation(
        path={"vin": Id("vin_free")},
        body={
            "purchased_on": "2025-03-01",
            "price_fen": 9_000_000,
            "supplier": None,
            "depreciation_method": "none",
        },
        headers={"If-Match": '"0"'},
        shows=False,
    ),
    "change_placing": Operation(
        path={"vin": Id("vin_free")},
        body={"depot": Id("child"), "tags": ["新"], "pooled": False},
        headers={"If-Match": '"1"'},
    ),
    "list_pool": Operation(query={"q": Id("text")}, shows=False),
}
DOCUMENTS: Final = {
    "list_documents": Operation(path=VIN),
    "export_documents": Operation(path=VIN, query={"form": "csv"}),
    "add_document": Operation(
        201, path=VIN, query={"kind": "photo", "name": "新.jpg"}, content=JPEG + b"new"
    ),
    "get_document": Operation(path={"key": Id("document")}),
    "read_document": Operation(path={"key": Id("document")}),
    "withdraw_document": Operation(path={"key": Id("document")}, body={"reason": "传错"}),
}
OF_EVERYBODY: Final = "names are everybody's: test_parameter_routes.py tells tenants apart"
PARAMETERS: Final = {
    "list_parameters": Operation(shows=False),
    "export_parameters": Operation(query={"form": "csv"}, shows=False),
    "get_parameter": Operation(path={"name": Id("parameter")}, apart=OF_EVERYBODY),
    "set_parameter": Operation(path={"name": Id("parameter")}, apart=OF_EVERYBODY),
}
OPERATIONS: Final[dict[str, Operation]] = {**MODELS, **LIVES, **DOCUMENTS, **PARAMETERS}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("model", "model_code"), "a model of the whole tenant: test_tenant_wide.py"),
    **dict.fromkeys(("stage", "battery_chemistry", "depreciation_method"), "a word"),
    **dict.fromkeys(("gvw_kg", "battery_kwh", "rated_range_km", "box_volume_m3"), "a number"),
    **dict.fromkeys(("running_hours", "useful_life_months", "residual_pct"), "a number"),
    "record": "what was agreed on",
    **dict.fromkeys(("kind", "subject_kind"), "a word"),
    "subject_key": "of the vehicle that the path names",
    **dict.fromkeys(("on", "valid_from_on"), "a day"),
    "content": "figures",
    "source": "words",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "document": lambda n: str(UUID(int=n)),
    "model_code": lambda n: f"model-of-nowhere-{n}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
