"""Consents, and all that is kept of a person, over HTTP."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.models.actors import Writer
from api.models.text import Input, Instant, Line, Name, plain_text
from fleet.customers.service import Consent, ConsentKind, ConsentMethod, NewConsent
from fleet.personal_data.service import Erasure, PersonalCopy

CONSENT: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a11",
    "customer_no": "C2611-7KQ4MX",
    "kind": "location",
    "text_version": "位置信息告知书 2026-03",
    "text_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "given_by": "王芳",
    "given_at": "2026-11-21T01:00:00Z",
    "method": "signed_paper",
    "evidence": "纸质告知书，档案柜 3",
    "recorded_by": "nanshan.sales",
    "recorded_at": "2026-11-21T01:10:00Z",
    "withdrawn_at": None,
    "withdrawn_note": None,
}
Words = Annotated[str, Field(min_length=1, max_length=50_000)]
Sha256 = Annotated[
    str, Field(max_length=64, pattern=r"^[0-9a-f]{64}$", description="Hex, lower case.")
]
Note = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(plain_text)]
ConsentKeyPath = Annotated[UUID, Path(description="`key` of the consent.")]


class ConsentIn(Input):
    """What somebody agreed to, in which words, and how we know.

    The words are given as `text`, whose SHA-256 is kept and not the text, or as their SHA-256.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "location",
                "text_version": "位置信息告知书 2026-03",
                "text": "本人同意出租人在租赁期间处理车辆的行踪轨迹。",
                "given_by": "王芳",
                "given_at": "2026-11-21T09:00:00+08:00",
                "method": "signed_paper",
                "evidence": "纸质告知书，档案柜 3",
            }
        }
    )

    kind: ConsentKind = Field(
        description="`location` 行踪轨迹 (separate consent, PIPL §29), `contract_text`,"
        " `personal_data`, `electronic_notice`, `sharing` (PIPL §23)."
    )
    text_version: Name
    text: Words | None = None
    text_sha256: Sha256 | None = None
    given_by: Name = Field(description="Who agreed: the person, or somebody with authority.")
    given_at: Instant
    method: ConsentMethod
    evidence: Note | None = Field(None, description="Where the proof is.")

    @model_validator(mode="after")
    def _says_which_words(self) -> "ConsentIn":
        if (self.text is None) == (self.text_sha256 is None):
            raise PydanticCustomError("words_or_digest", "give text or text_sha256, one of them")
        return self

    def consent(self) -> NewConsent:
        """As the service takes it."""
        if self.text is not None:
            digest = hashlib.sha256(self.text.encode()).digest()
        else:
            digest = bytes.fromhex(self.text_sha256 or "")
        return NewConsent(
            kind=self.kind,
            text_version=self.text_version,
            text_sha256=digest,
            given_by=self.given_by,
            given_at=self.given_at,
            method=self.method,
            evidence=self.evidence,
        )


class ConsentWithdrawal(Input):
    """When somebody took a consent back."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "本人电话撤回"}})

    withdrawn_at: Instant | None = Field(None, description="[now]")
    note: Note | None = None


class ConsentOut(BaseModel):
    """A consent; it counts from `given_at` until it is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"example": CONSENT})

    key: UUID
    customer_no: str = Field(description="Of a merged customer its own.")
    kind: ConsentKind
    text_version: str
    text_sha256: str = Field(description="Of the very words agreed to.")
    given_by: str
    given_at: datetime
    method: ConsentMethod
    evidence: str | None
    recorded_by: Writer
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_note: str | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentOut":
        """As the service gives it."""
        same = {name: getattr(consent, name) for name in cls.model_fields if name != "text_sha256"}
        return cls(**same, text_sha256=consent.text_sha256.hex())


class PersonalCopyOut(BaseModel):
    """All that is kept of a customer and of those merged into it, in clear."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_no": "C2611-7KQ4MX",
                "made_at": "2026-11-21T01:00:00Z",
                "erasable_from_on": "2029-11-22",
                "parts": {
                    "cards": [{"customer_no": "C2611-7KQ4MX", "name": "王芳"}],
                    "leases": [{"lease_no": "L2611-HDNECN", "state": "ended"}],
                },
            }
        }
    )

    customer_no: str
    made_at: datetime
    erasable_from_on: date | None = Field(
        description="The first day on which it may be erased; null while a lease runs or a charge"
        " is undecided."
    )
    parts: dict[str, list[dict[str, Any]]] = Field(
        description="cards, accounts, drivers, consents, blacklistings, leases, hand_overs,"
        " charges, violations, contracts, quotes, files."
    )

    @classmethod
    def of(cls, copy: PersonalCopy) -> "PersonalCopyOut":
        """As the service gives it."""
        return cls(
            customer_no=copy.customer_no,
            made_at=copy.made_at,
            erasable_from_on=copy.erasable_from_on,
            parts={name: [dict(row) for row in rows] for name, rows in copy.parts.items()},
        )


class ErasureIn(Input):
    """Why a person's data are erased; it stands in the audit trail."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "本人书面申请，2029-12-01"}})

    reason: Line = Field(examples=["本人书面申请，2029-12-01"])


class ErasureOut(BaseModel):
    """What was erased."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_no": "C2611-7KQ4MX",
                "erased_at": "2029-12-01T01:00:00Z",
                "customer_nos": ["C2611-7KQ4MX"],
                "files_withdrawn": 2,
                "sheet_rows_emptied": 1,
            }
        }
    )

    customer_no: str
    erased_at: datetime
    customer_nos: list[str] = Field(description="It and those that were merged into it.")
    files_withdrawn: int
    sheet_rows_emptied: int

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureOut":
        """As the service gives it."""
        return cls(**{name: getattr(erasure, name) for name in cls.model_fields})
