"""The shape of a file: what it is, what it belongs to, and where its bytes lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID

DocumentKind = Literal[
    "photo", "licence", "certificate", "policy", "invoice", "report", "sheet", "other"
]
SubjectKind = Literal[
    "vehicle",
    "inspection",
    "policy",
    "permit",
    "battery_test",
    "work_order",
    "transfer",
    "import",
    "customer",
    "lease",
    "hand_over",
    "violation",
    "contract",
    "notice",
]
GOES_ALONG: Final[frozenset[DocumentKind]] = frozenset(
    {"photo", "licence", "certificate", "policy", "report"}
)
"""What whoever gets the vehicle next has to have. An invoice is business of whoever paid it."""
BUSINESS: Final[frozenset[SubjectKind]] = frozenset(
    {"customer", "lease", "hand_over", "violation", "contract", "notice"}
)
"""What is between an organisation and its customers; whoever gets the vehicle next sees none."""
MOST_BYTES: Final = 20 * 1024 * 1024
"""Of a photo or a paper."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file. `vin` is None where it belongs to no vehicle, or to one out of sight.

    `organisation_code` and `uploaded_by` are None where they are those of an organisation out of
    sight.
    """

    id: int
    key: UUID
    tenant_id: int
    vin: str | None
    organisation_code: str | None
    subject_kind: SubjectKind
    subject_key: str
    kind: DocumentKind
    goes_along: bool
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    uploaded_by: str | None
    uploaded_at: datetime
    withdrawn_at: datetime | None


class OpenedFile(NamedTuple):
    """A file and its bytes, piece by piece; the last comes once all were verified."""

    document: Document
    pieces: Iterator[bytes]


def key_of_bytes(tenant_id: int, sha256: bytes) -> str:
    """Where bytes lie in the store: equal ones of two tenants lie twice.

    >>> key_of_bytes(7, bytes.fromhex("ab" * 32))[:12]
    '7/ab/abababa'
    """
    digest = sha256.hex()
    return f"{tenant_id}/{digest[:2]}/{digest}"
