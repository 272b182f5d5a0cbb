"""The shapes of papers: what they are of, and where their bytes lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

SubjectKind = Literal["bill", "credit_note", "notice", "settlement"]
CHINESE: Final[Mapping[SubjectKind, str]] = {
    "bill": "账单",
    "credit_note": "冲减单",
    "notice": "催收函",
    "settlement": "分成结算单",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a paper is of, frozen as it was issued at `at`; `facts` are what it is made from.

    `number` is its own: a number, or a key.
    """

    kind: SubjectKind
    number: str
    tenant_id: int
    organisation_id: int
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF and what to call it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """Where the bytes of a paper lie: under their digest."""

    kind: SubjectKind
    number: str
    name: str
    tenant_id: int
    sha256: bytes
