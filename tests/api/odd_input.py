"""Texts that are odd, and what stands in a path of which some is there: for the tests of input."""

from collections.abc import Iterable
from typing import Final, TypeVar

import pytest

from tests.api.world import SERIALS, VINS

ODD_TEXTS: Final = {
    "NUL": "a\0b",
    "bell": "a\x07b",
    "line feed": "a\nb",
    "return": "a\rb",
    "DEL": "a\x7fb",
    "a C1 control": "a\x85b",
    "line separator": "a\u2028b",
    "lone surrogate": "a\ud800b",
    "surrogates the wrong way": "a\udc00\ud800b",
    "private use": "a\ue000b",
    "no character": "a\uffffb",
    "byte order mark": "\ufeffa",
    "right to left override": "a\u202eb",
    "right to left mark": "a\u200fb",
    "emoji": "a🚚b",
    "joined emoji": "👩\u200d🔧",
    "a rare character": "𠮷",
    "a character of Unicode 15": "\U00031350",
    "combined": "e\u0301",
    "full width": "ＡＢＣ１２３",
    "Arabic": "مرحبا",
    "quotes": "a'b\"c\\d",
    "SQL": "'; DROP TABLE users; --",
    "wildcards": "%_%",
    "HTML": "<img src=x onerror=alert(1)>",
    "places for facts": "{vin} {0} %s %(now)s",
    "a path": "../../etc/passwd",
    "spaces": "   ",
    "empty": "",
    "201 long": "x" * 201,
    "long": "车" * 100_000,
}
ONE_IN: Final = [3, pytest.param(1, id="all", marks=pytest.mark.soak)]
"""Each place meets one odd text in so many, its neighbour others; the long form tries them all."""
Place = TypeVar("Place")
VALID_AND_ODD: Final = ("emoji", "a rare character", "a character of Unicode 15", "quotes", "SQL")
"""What a name may well be."""
FIT: Final = {
    "vin": VINS["alpha-depot"],
    "serial": SERIALS["alpha-depot"],
    "login": "alpha.ops",
    "code": "alpha",
    "key_id": "a" * 12,
    "refusal_id": "1",
    "policy_no": "no-such-policy",
    "permit_no": "no-such-permit",
    "name": "care.idle",
    "kind": "vehicles",
    "number": "W2611-AAAAAA",
    "line_id": "1",
    "key": "00000000-0000-4000-8000-000000000000",
    "token": "x" * 43,
    "lease_no": "L2611-AAAAAA",
    "line_no": "1",
    "customer_no": "C2611-AAAAAA",
    "driver_key": "00000000-0000-4000-8000-000000000000",
    "account_id": "1",
    "quote_no": "Q2611-AAAAAA",
    "violation_no": "V2611-AAAAAA",
    "request_no": "I2611-AAAAAA",
    "edition": "1",
    "notice_no": "D2611-AAAAAA",
    "bill": "B2026-1-000001",
    "payment_no": "R2611-AAAAAA",
    "credit_no": "N2026-1-000001",
    "bill_no": "B2026-1-000001",
    "alert_no": "A2611-AAAAAAAA",
}
"""What stands in a path, of which some is there."""


def share_of(places: Iterable[Place], kind: str, one_in: int) -> list[Place]:
    """The places where this odd text is tried."""
    return list(places)[list(ODD_TEXTS).index(kind) % one_in :: one_in]


def filled(path: str) -> str:
    """The path with something that may be there."""
    for name, value in FIT.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path
    return path
