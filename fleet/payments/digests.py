"""Decides what makes two requests for a payment the same.

Leaves out the answer of the API, which is kept for some weeks; this is kept with the payment.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from fleet.payments.model import Received


def digest_of(
    received: Received,
    *,
    customer_no: str | None,
    bills: Sequence[str],
    organisation_code: str | None,
) -> bytes:
    """SHA-256 of all that was asked, in one way of writing."""
    asked = {
        "received": asdict(received),
        "customer_no": customer_no,
        "bills": list(bills),
        "organisation": organisation_code,
    }
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()
