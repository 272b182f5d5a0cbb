"""Operations of papers of money and statements, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

OPERATIONS: Final[dict[str, Operation]] = {
    # What a PDF says is packed.
    "get_bill_pdf": Operation(path={"bill": Id("paper_bill")}, shows=False),
    "get_credit_note_pdf": Operation(path={"credit_no": Id("paper_credit")}, shows=False),
    "get_dunning_notice_pdf": Operation(path={"notice_no": Id("paper_notice")}, shows=False),
    "get_share_settlement_pdf": Operation(path={"key": Id("paper_settlement")}, shows=False),
    "get_statement": Operation(path={"customer_no": Id("lessee_no")}),
    "get_statement_file": Operation(path={"customer_no": Id("lessee_no")}, shows=False),
}
NO_IDENTIFIER: Final[dict[str, str]] = dict.fromkeys(("from_on", "until_on"), "a day")
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    "paper_bill": lambda number: f"B2099-8-{number:06}",
    "paper_credit": lambda number: f"N2099-8-{number:06}",
    "paper_notice": lambda number: f"D9908-{number:06}",
    "paper_settlement": lambda number: str(uuid.UUID(int=2**114 + number)),
}
"""Identifiers of nothing that exists, by kind, from a number."""
