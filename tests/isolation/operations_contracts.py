"""Operations of contracts, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.fixtures.sample_files import PDF
from tests.isolation.crawl import Id, Operation

OF_THE_TENANT: Final = "all of a tenant see it, none of another: tests/api/test_contract_routes.py"
CSV: Final = {"form": "csv"}
FILTERS: Final = {"lease": Id("lease_out"), "organisation": Id("code")}
LEASE: Final = {"lease_no": Id("lease_out")}
FIRST: Final = LEASE | {"edition": 1}
PASSING: Final = {"party": "王", "channel": "message", "at": None}
HIGHLIGHTED: Final = ["4", "12", "14", "15", "16", "17"]
CLAUSE: Final = {"no": "1", "heading": "题", "paragraphs": ["文"], "highlighted": True}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_contract_templates": Operation(shows=False),
    "export_contract_templates": Operation(query=CSV, shows=False),
    # Its head alone publishes; who asks here is below.
    "publish_contract_template": Operation(
        409,
        body={"code": "crawl-text", "lease_kind": "long", "title": "文", "clauses": [CLAUSE]},
        shows=False,
    ),
    "publish_contract_samples": Operation(409, shows=False),
    "get_contract_template": Operation(path={"code": Id("text_code")}, apart=OF_THE_TENANT),
    "preview_contract": Operation(
        path={"code": Id("text_code")},
        query={"lease_no": Id("lease_out")},
        apart="the text is all of a tenant's, the lease is not: tests/api/test_contract_routes.py",
    ),
    # All that is kept of a lease, in a ZIP that the crawl looks into.
    "get_case_file": Operation(path=LEASE, query={"tracks": "minute"}),
    "list_contracts": Operation(query=FILTERS, own={"organisation": "top"}),
    "export_contracts": Operation(query=FILTERS | CSV, own={"organisation": "top"}),
    "make_contract": Operation(
        201,
        path=LEASE,
        body={
            "template": None,
            "lessor_name": None,
            "lessor_credit_code": None,
            "lessor_address": None,
            "lessor_phone": None,
            "lessor_representative": None,
            "lessor_account": None,
            "lessee_representative": None,
            "signed_in": None,
            "jurisdiction": None,
        },
    ),
    "upload_contract": Operation(
        201,
        path=LEASE,
        query={"name": "签.pdf", "signed_at": "2026-01-01T00:00:00Z"},
        content=PDF,
    ),
    "get_contract": Operation(path=FIRST),
    "read_contract": Operation(path=FIRST, shows=False),
    "send_contract": Operation(path=FIRST, body=PASSING),
    "receive_contract": Operation(path=FIRST, body=PASSING),
    "prompt_contract": Operation(path=FIRST, body=PASSING),
    "acknowledge_contract": Operation(path=FIRST, body=PASSING | {"clauses": HIGHLIGHTED}),
    "sign_contract": Operation(201, path=FIRST),
    "verify_contract": Operation(path=FIRST),
    "void_contract": Operation(path=FIRST, body={"reason": "错"}),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "edition": "a number, of the lease in the path",
    "origin": "a word",
    "faulty": "yes or no",
    "lease_kind": "a word",
    "of_edition": "a number, of the lease in the path",
    "acknowledged": "yes or no",
    "tracks": "a word",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "text_code": lambda number: f"nowhere-{number:05d}",
}
"""Identifiers of nothing that exists, by kind, from a number."""
