"""Operations of hand-overs and charges, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.fixtures.sample_files import JPEG
from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
CSV: Final = {"form": "csv"}
FILTERS: Final = {
    "lease": Id("lease_out"),
    "customer": Id("lessee_no"),
    "vin": Id("vin_out"),
    "organisation": Id("code"),
    "q": Id("text"),
}
OWN_CHARGES: Final = {"organisation": "top", "vin": None}
"""What was proposed by hand is of a lease."""
RECORD: Final[dict[str, Any]] = {
    "checklist": None,
    "checks": [],
    "odometer_km": None,
    "soc_pct": None,
    "position": None,
    "place": None,
    "findings": [],
    "received_by": None,
    "remarks": None,
}
IN_SPITE: Final = {"override": True, "reason": "试"}
COUNTED: Final = {"vin": Id("vin_out"), "organisation": Id("code")}
OFFENCE: Final[dict[str, Any]] = {
    "violation_no": "V-1",
    "vin": Id("vin_out"),
    "occurred_at": "2026-02-01T00:00:00Z",
    "description": "违",
    "place": None,
    "code": None,
    "fine_fen": None,
    "points": None,
    "noticed_on": None,
}
NUMBERS_OF_A_TENANT: Final = (
    "another tenant has numbers of its own: tests/api/test_violation_routes.py"
)
OPERATIONS: Final[dict[str, Operation]] = {
    "list_hand_overs": Operation(query=FILTERS, own={"organisation": "top"}),
    "export_hand_overs": Operation(query=FILTERS | CSV, own={"organisation": "top"}),
    "get_hand_over": Operation(path={"key": Id("hand_over_key")}),
    "list_charges": Operation(query=FILTERS, own=OWN_CHARGES),
    "export_charges": Operation(query=FILTERS | CSV, own=OWN_CHARGES),
    "get_charge": Operation(path={"key": Id("charge_key")}),
    "decide_charge": Operation(
        path={"key": Id("charge_key")},
        body={"accept": True, "amount_fen": None, "note": None},
        headers=VERSION_1,
    ),
    "add_charge": Operation(
        201,
        path={"lease_no": Id("lease_out")},
        body={
            "kind": "other",
            "title": "费",
            "amount_fen": 1,
            "incurred_on": "2026-02-01",
            "line_no": None,
            "note": None,
        },
    ),
    "hand_out_vehicle": Operation(
        201,
        path={"lease_no": Id("lease_to_begin")},
        body=RECORD
        | IN_SPITE
        | {
            "line_no": 1,
            "vin": Id("vin_to_let"),
            "driver": Id("lessee_driver"),
            "handed_at": None,
            "starts_on": None,
        },
    ),
    "swap_vehicle": Operation(
        201,
        path={"lease_no": Id("lease_out")},
        body=IN_SPITE
        | {
            "line_no": 1,
            "vin": Id("vin_instead"),
            "driver": Id("lessee_driver"),
            "handed_at": None,
            "swap_reason": "换",
            "back": {},
            "out": {},
            "work": None,
        },
    ),
    "take_vehicle_back": Operation(
        201,
        path={"lease_no": Id("lease_out")},
        body=RECORD | {"line_no": 1, "handed_at": None, "work": None},
    ),
    "list_violations": Operation(query=FILTERS, own={"organisation": "top"}),
    "export_violations": Operation(query=FILTERS | CSV, own={"organisation": "top"}),
    "list_violation_counts": Operation(query=COUNTED, own={"organisation": "top", "vin": None}),
    "export_violation_counts": Operation(
        query=COUNTED | CSV, own={"organisation": "top", "vin": None}
    ),
    "record_violation": Operation(201, body=OFFENCE, apart=NUMBERS_OF_A_TENANT),
    "record_violations": Operation(201, body={"violations": [OFFENCE]}, apart=NUMBERS_OF_A_TENANT),
    "rematch_violations": Operation(body={"vins": None}, shows=False),
    "get_violation": Operation(path={"violation_no": Id("violation_no")}),
    "tell_violation": Operation(
        path={"violation_no": Id("violation_no")}, body={"told_at": None, "note": "信"}
    ),
    # Its lease has not ended.
    "transfer_violation": Operation(
        409, path={"violation_no": Id("violation_no")}, body={"note": None}, shows=False
    ),
    "handle_violation": Operation(
        path={"violation_no": Id("violation_no")},
        body={"by": "lessor", "paid_fen": None, "note": None},
    ),
    "drop_violation": Operation(
        path={"violation_no": Id("violation_dropped")}, body={"note": "误"}
    ),
    "list_hand_over_documents": Operation(path={"key": Id("hand_over_key")}),
    "export_hand_over_documents": Operation(path={"key": Id("hand_over_key")}, query=CSV),
    "add_hand_over_document": Operation(
        201,
        path={"key": Id("hand_over_key")},
        query={"kind": "photo", "name": "new.jpg"},
        content=JPEG,
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "direction": "a word",
    "occasion": "a word",
    "differing": "yes or no",
    "overridden": "yes or no",
    "settled": "yes or no",
    "leased": "yes or no",
    "may_transfer": "yes or no",
    "at_least": "a number",
    "vins": "tried with others': tests/api/test_violation_routes.py",
}


def _key(of: int) -> Callable[[int], str]:
    return lambda number: str(uuid.UUID(int=2**of + number))


NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "violation_no": lambda number: f"NOWHERE-{number}",
    "violation_dropped": lambda number: f"NOWHERE-{number}",
    "lease_out": lambda number: f"L9912-{number:06d}",
    "lease_to_begin": lambda number: f"L9911-{number:06d}",
    "lessee_no": lambda number: f"C9910-{number:06d}",
    **dict.fromkeys(
        ("vin_out", "vin_to_let", "vin_instead"), lambda number: f"LZX98RMP0{number:08d}"
    ),
    "lessee_driver": _key(102),
    "hand_over_key": _key(103),
    "charge_key": _key(104),
}
"""Identifiers of nothing that exists, by kind, from a number."""
