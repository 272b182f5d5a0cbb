"""Operations of papers and what falls due, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, New, Operation

VIN: Final = {"vin": Id("vin")}
CSV: Final = {"form": "csv"}
"""In which marks are seen; an .xlsx is packed."""
HAD_BY: Final = {"vin": Id("vin"), "organisation": Id("code")}
OWN_HAD_BY: Final = {"vin": None, "organisation": "top"}
BY_INSURER: Final = HAD_BY | {"insurer": Id("text")}
BY_HOLDER: Final = HAD_BY | {"holder": Id("text")}
VERSION_1: Final = {"If-Match": '"1"'}
NUMBERS: Final = "a number is taken within a tenant only: test_papers.py"
TERMS: Final[dict[str, Any]] = {
    "insurer": "保险公司",
    "covered_from": "2026-07-01",
    "covered_until": "2027-06-30",
}
PERMIT: Final[dict[str, Any]] = {"holder": "持有人", "valid_to_on": None}
RECORDS: Final = {
    "get_papers": Operation(path=VIN),
    "get_licence": Operation(path=VIN),
    "put_licence": Operation(
        path={"vin": Id("vin_free")},
        body={
            "vehicle_type": "微型厢式货车",
            "use_nature": "营运",
            "registered_on": "2019-05-10",
        },
        headers={"If-Match": '"0"'},
        shows=False,
    ),
    "list_battery_tests": Operation(path=VIN),
    "record_battery_test": Operation(
        201, path=VIN, body={"tested_on": "2026-01-05", "result": "normal"}
    ),
    "list_inspections": Operation(query=HAD_BY, own=OWN_HAD_BY),
    "export_inspections": Operation(query=HAD_BY | CSV, own=OWN_HAD_BY),
    "record_inspection": Operation(
        201,
        path=VIN,
        body={
            "form": "line",
            "inspected_on": "2026-01-05",
            "passed": False,
            "cost_fen": 12_000,
        },
    ),
}
INSURANCE: Final = {
    "list_cover": Operation(path=VIN),  # before what it shows is void
    "list_policies": Operation(query=BY_INSURER, own=OWN_HAD_BY),
    "export_policies": Operation(query=BY_INSURER | CSV, own=OWN_HAD_BY),
    "record_policy": Operation(
        201,
        path=VIN,
        body={"kind": "commercial", "policy_no": New("policy_no"), **TERMS},
        apart=NUMBERS,
    ),
    "get_policy": Operation(path={"policy_no": Id("policy_no")}),
    "change_policy": Operation(path={"policy_no": Id("policy_no")}, body=TERMS, headers=VERSION_1),
    "void_policy": Operation(path={"policy_no": Id("policy_no")}, body={"reason": "录错"}),
}
PERMITS: Final = {
    "list_permits": Operation(query=BY_HOLDER, own=OWN_HAD_BY),
    "export_permits": Operation(query=BY_HOLDER | CSV, own=OWN_HAD_BY),
    "record_permit": Operation(
        201,
        path=VIN,
        body={"permit_no": New("permit_no"), "issued_on": "2026-01-05", **PERMIT},
        apart=NUMBERS,
    ),
    "get_permit": Operation(path={"permit_no": Id("permit_no")}),
    "change_permit": Operation(path={"permit_no": Id("permit_no")}, body=PERMIT, headers=VERSION_1),
    "withdraw_permit": Operation(path={"permit_no": Id("permit_no")}),
}
OPERATIONS: Final[dict[str, Operation]] = {**RECORDS, **INSURANCE, **PERMITS}
NO_IDENTIFIER: Final[dict[str, str]] = {
    **dict.fromkeys(("vehicle_type", "use_nature", "motor_no", "place", "note"), "words"),
    **dict.fromkeys(("report_no", "insured"), "words"),
    **dict.fromkeys(("gvw_kg", "seats", "cost_fen", "premium_fen", "covers"), "a number"),
    **dict.fromkeys(("soh_pct", "charge_max_c", "discharge_max_c", "motor_max_c"), "a number"),
    **dict.fromkeys(("controller_max_c", "converter_max_c"), "a number"),
    **dict.fromkeys(("form", "kind", "result"), "a word"),
    **dict.fromkeys(("passed", "stricter", "voided", "withdrawn"), "yes or no"),
    **dict.fromkeys(("from_on", "until_on", "issued_on", "valid_to"), "a day"),
    **dict.fromkeys(("valid_to_on", "reviewed_to_on", "technical_to_on"), "a day"),
    **dict.fromkeys(("ends_from_at", "ends_before_at"), "an instant"),
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "policy_no": lambda n: f"P-nowhere-{n}",
    "permit_no": lambda n: f"R-nowhere-{n}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
