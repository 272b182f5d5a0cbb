"""Operations of leases, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from tests.isolation.build_leases import TODAY
from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
LEASE: Final = {"lease_no": Id("lease_no")}
FILTERS: Final = {
    "customer": Id("customer_no"),
    "vin": Id("vin_let"),
    "organisation": Id("code"),
    "reference": Id("lease_reference"),
    "q": Id("text"),
}
CSV: Final = {"form": "csv"}
TERMS: Final[dict[str, Any]] = {
    "kind": "long",
    "starts_on": str(TODAY),
    "term": {"count": 12},
    "lines": [
        {"no": 1, "rent_fen": 210_000, "deposit_fen": 1},
        {"no": 2, "rent_fen": 100_000},
    ],
}
OUT_FILTERS: Final[dict[str, Any]] = {
    "customer": Id("customer_no"),
    "vin": Id("vin_let"),
    "organisation": Id("code"),
}
FREE_FILTERS: Final[dict[str, Any]] = {
    "from_on": str(TODAY + timedelta(days=2)),
    "organisation": Id("code"),
    "q": Id("vin_free_for_term"),
}
QUOTE_FILTERS: Final[dict[str, Any]] = {
    "customer": Id("customer_no"),
    "created_by": Id("login"),
    "organisation": Id("code"),
    "q": Id("text"),
}
QUOTED: Final[dict[str, Any]] = {
    "terms": TERMS,
    "prospect": None,
    "prospect_phone": None,
    "valid_until_on": None,
}
BECAUSE: Final = {"reason": "改"}
OF_THE_TENANT: Final = "names a model of the tenant: tests/api/test_lease_routes.py"
OPERATIONS: Final[dict[str, Operation]] = {
    "list_leases": Operation(query=FILTERS, own={"organisation": "top"}),
    "export_leases": Operation(query=FILTERS | CSV, own={"organisation": "top"}),
    "count_leases": Operation(
        query={"organisation": Id("code")}, own={"organisation": "top"}, shows=False
    ),
    "draft_lease": Operation(
        201,
        body={
            "customer_no": Id("customer_no"),
            "terms": TERMS,
            "reference": None,
            "organisation": Id("code"),
        },
        own={"organisation": "top"},
    ),
    "list_ending_leases": Operation(
        query={**OUT_FILTERS, "within_days": 366}, own={"organisation": "top"}
    ),
    "export_ending_leases": Operation(
        query={**OUT_FILTERS, "within_days": 366, **CSV}, own={"organisation": "top"}
    ),
    "get_lease": Operation(path=LEASE),
    "list_lease_events": Operation(path=LEASE),
    "list_lease_periods": Operation(path=LEASE, shows=False),
    "preview_early_end": Operation(path=LEASE, shows=False),
    "list_vehicle_leases": Operation(path={"vin": Id("vin_let")}),
    "change_lease_draft": Operation(
        path={"lease_no": Id("lease_draft")},
        body={"customer_no": Id("customer_no"), "terms": TERMS, "reference": None},
        headers=VERSION_1,
    ),
    "request_lease_approval": Operation(path={"lease_no": Id("lease_unusual")}),
    "decide_lease_approval": Operation(
        path={"lease_no": Id("lease_asked")}, body={"approve": True, "note": None}
    ),
    "sign_lease": Operation(path={"lease_no": Id("lease_to_sign")}, body={"signed_at": None}),
    "amend_lease": Operation(
        path=LEASE, body={"effective_on": str(TODAY + timedelta(days=9)), "terms": TERMS} | BECAUSE
    ),
    "extend_lease": Operation(
        path=LEASE, body={"ends_on": str(TODAY + timedelta(days=500))} | BECAUSE
    ),
    "suspend_lease": Operation(
        path=LEASE,
        body={"from_on": str(TODAY), "line_no": 1, "credited": True} | BECAUSE,
    ),
    "resume_lease": Operation(
        path={"lease_no": Id("lease_resting")}, body={"on": str(TODAY), "line_no": None}
    ),
    "drop_lease_line": Operation(path={"lease_no": Id("lease_signed"), "line_no": 2}, body=BECAUSE),
    "terminate_lease": Operation(
        path={"lease_no": Id("lease_ending")},
        body={"by": "lessor", "clause": None} | BECAUSE,
    ),
    "buy_out_lease": Operation(path={"lease_no": Id("lease_owned")}),
    "renew_lease": Operation(201, path=LEASE, body={"terms": None, "reference": None}),
    "cancel_lease": Operation(path={"lease_no": Id("lease_signed")}, body=BECAUSE),
    "list_leases_after_expiry": Operation(
        query=OUT_FILTERS | {"vin": Id("vin_over")}, own={"organisation": "top"}
    ),
    "export_leases_after_expiry": Operation(
        query=OUT_FILTERS | {"vin": Id("vin_over")} | CSV, own={"organisation": "top"}
    ),
    "list_available_vehicles": Operation(query=FREE_FILTERS, own={"organisation": "top"}),
    "export_available_vehicles": Operation(query=FREE_FILTERS | CSV, own={"organisation": "top"}),
    "list_quotes": Operation(
        query=QUOTE_FILTERS, own={"organisation": "top", "created_by": None, "customer": None}
    ),
    "export_quotes": Operation(
        query=QUOTE_FILTERS | CSV, own={"organisation": "top", "created_by": None, "customer": None}
    ),
    "create_quote": Operation(
        201,
        body=QUOTED | {"customer_no": Id("customer_no"), "organisation": Id("code")},
        own={"organisation": "top"},
    ),
    "get_quote": Operation(path={"quote_no": Id("quote_no")}),
    "change_quote": Operation(
        path={"quote_no": Id("quote_no")},
        body=QUOTED | {"customer_no": Id("customer_no")},
        headers=VERSION_1,
    ),
    "accept_quote": Operation(
        path={"quote_no": Id("quote_no")},
        body={"customer_no": Id("customer_no"), "reference": None},
    ),
    "decline_quote": Operation(path={"quote_no": Id("quote_declined")}, body={"note": "贵"}),
    "withdraw_quote": Operation(path={"quote_no": Id("quote_withdrawn")}, body={"note": "错"}),
    "list_rent_prices": Operation(query={"organisation": Id("code")}, own={"organisation": "top"}),
    "export_rent_prices": Operation(
        query={"organisation": Id("code")} | CSV, own={"organisation": "top"}, shows=False
    ),
    "set_rent_price": Operation(
        201, body={"model_code": "ec35", "organisation": Id("code")}, apart=OF_THE_TENANT
    ),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "kind": "a word",
    "lease_kind": "a word",
    "ends_before_on": "a day",
    "ending": "yes or no",
    "over_term": "yes or no",
    "known_at": "an instant",
    "within_days": "a number",
    "from_on": "a day",
    "papers_through": "a day",
    "min_soc_pct": "a number",
    **dict.fromkeys(("near_lon", "near_lat", "radius_km"), "a place"),
    "body_type": "a word",
    "price_kind": "a word",
    "expired": "yes or no",
    "until_on": "a day",
    "line_no": "a number within the lease",
    "rent_fen": "an amount",
    "deposit_fen": "an amount",
    "per": "a word",
    "valid_from_on": "a day",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    **dict.fromkeys(
        (
            "lease_no",
            "lease_draft",
            "lease_to_sign",
            "lease_unusual",
            "lease_asked",
            "lease_signed",
            "lease_resting",
            "lease_ending",
            "lease_owned",
        ),
        lambda number: f"L9912-{number:06d}",
    ),
    "lease_reference": lambda number: f"lease-of-nowhere-{number}",
    **dict.fromkeys(
        ("quote_no", "quote_declined", "quote_withdrawn"), lambda number: f"Q9912-{number:06d}"
    ),
    **dict.fromkeys(("vin_over", "vin_free_for_term"), lambda number: f"LZX98RMP2{number:08d}"),
    "vin_let": lambda number: f"LZX98RMP1{number:08d}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
