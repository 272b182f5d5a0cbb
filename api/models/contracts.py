"""Contracts over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from fleet.contracts import model
from fleet.contracts.model import Method, Origin, Role, State
from fleet.contracts.service import Contract, ContractDetail, Verification

ROW: dict[str, Any] = {
    "contract_no": "L2611-7KQ4MX/2",
    "lease_no": "L2611-7KQ4MX",
    "edition": 2,
    "organisation": "shenzhen-nanshan",
    "origin": "signed",
    "state": "signed",
    "after": "L2611-7KQ4MX/1",
    "template": "long-rent",
    "template_edition": 1,
    "template_sha256": "5b" * 32,
    "terms_sha256": "0c" * 32,
    "file_name": "新能源物流车租赁合同-L2611-7KQ4MX-1-已签.pdf",
    "media_type": "application/pdf",
    "size_bytes": 275123,
    "sha256": "a1" * 32,
    "method": "local_stand_in",
    "reliable": False,
    "created_by": "nanshan.sales",
    "created_at": "2026-11-21T01:00:00Z",
    "signed_at": "2026-11-21T02:00:00Z",
    "retain_until_on": "2032-11-20",
    "verified_at": None,
    "fault": None,
}
DETAIL: dict[str, Any] = {
    **ROW,
    "signatories": [
        {
            "no": 1,
            "role": "lessor",
            "name": "南山租赁",
            "id_type": "business_licence",
            "id_masked": None,
            "authority": None,
            "signed_at": "2026-11-21T02:00:00Z",
            "clock": "installation",
            "signature": "9f" * 64,
        }
    ],
    "events": [
        {
            "kind": "signed",
            "happened_at": "2026-11-21T02:00:00Z",
            "clock": "installation",
            "party": None,
            "channel": None,
            "content": {"of": "L2611-7KQ4MX/1"},
            "by": "nanshan.sales",
            "recorded_at": "2026-11-21T02:00:00Z",
        }
    ],
    "copies": [
        {
            "store": "files",
            "stored_at": "2026-11-21T02:00:00Z",
            "verified_at": None,
            "fault": None,
        }
    ],
    "highlighted": [],
    "acknowledged": False,
    "mismatches": [],
    "certificate": {"algorithm": "Ed25519", "reliable": False},
    "timestamp_token": None,
    "consent_version": "long-rent/1",
    "upload_until_at": "2026-11-22T02:00:00Z",
    "version": 1,
}
EditionPath = Annotated[int, Path(ge=1, le=100_000, description="Edition of the contract.")]


class ContractOut(BaseModel):
    """An edition of a lease's contract in a list."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    contract_no: str
    lease_no: str
    edition: int
    organisation: str
    origin: Origin = Field(description="Made from a text, brought on paper, signed by a service.")
    state: State
    after: str | None = Field(description="The edition it was made after.")
    template: str | None
    template_edition: int | None
    template_sha256: str | None
    terms_sha256: str | None = Field(description="Of the terms it was made of.")
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    method: Method | None = Field(description="`local_stand_in`: signed by this installation.")
    reliable: bool | None = Field(
        description="False: no reliable signature of 电子签名法 §13; null: not for us to say."
    )
    created_by: Writer
    created_at: datetime
    signed_at: datetime | None
    retain_until_on: date | None = Field(description="Kept until then; null: the end is open.")
    verified_at: datetime | None = Field(description="When all copies were last read and whole.")
    fault: str | None = Field(description="What the last look found wrong; null: nothing.")

    @classmethod
    def of(cls, contract: Contract) -> "ContractOut":
        """As the service gives it."""
        return cls(**fields_of(contract))


class SignatoryOut(BaseModel):
    """Who signs, or signed."""

    no: int
    role: Role
    name: str
    id_type: str | None
    id_masked: str | None
    authority: str | None = Field(description="For a company: who acts for it.")
    signed_at: datetime | None
    clock: str | None = Field(description="Whose clock: installation, provider, paper.")
    signature: str | None = Field(description="Hexadecimal.")

    @classmethod
    def of(cls, one: model.Signatory) -> "SignatoryOut":
        """As the service gives it."""
        return cls(
            no=one.no,
            role=one.role,
            name=one.name,
            id_type=one.id_type,
            id_masked=one.id_masked,
            authority=one.authority,
            signed_at=one.signed_at,
            clock=one.signed_clock,
            signature=None if one.signature is None else one.signature.hex(),
        )


class ContractEventOut(BaseModel):
    """How it went on."""

    kind: str
    happened_at: datetime
    clock: str = Field(description="Whose clock; `told`: what somebody said.")
    party: str | None
    channel: str | None
    content: dict[str, Any]
    by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, event: model.ContractEvent) -> "ContractEventOut":
        """As the service gives it."""
        return cls(
            kind=event.kind,
            happened_at=event.happened_at,
            clock=event.clock,
            party=event.party,
            channel=event.channel,
            content=dict(event.content),
            by=event.recorded_by,
            recorded_at=event.recorded_at,
        )


class CopyOut(BaseModel):
    """Where its bytes lie."""

    store: str = Field(description="`files`, or `vault_copy`.")
    stored_at: datetime
    verified_at: datetime | None
    fault: str | None


class MismatchOut(BaseModel):
    """The terms name another clause for a remedy than the text has it in."""

    concern: str
    terms_say: str
    clause_no: str


class ContractDetailOut(ContractOut):
    """An edition with all that belongs to it."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    signatories: list[SignatoryOut]
    events: list[ContractEventOut]
    copies: list[CopyOut]
    highlighted: list[str] = Field(description="Clauses to be acknowledged before it is signed.")
    acknowledged: bool
    mismatches: list[MismatchOut]
    certificate: dict[str, Any] | None
    timestamp_token: str | None = Field(description="RFC 3161, hexadecimal.")
    consent_version: str | None = Field(description="The text whose clauses were acknowledged.")
    upload_until_at: datetime | None = Field(
        description="A signed one is told to 12123 until then."
    )
    version: int = Field(ge=1)

    @classmethod
    def of_detail(cls, detail: ContractDetail) -> "ContractDetailOut":
        """As the service gives it."""
        contract = detail.contract
        token = contract.timestamp_token
        return cls(
            **fields_of(contract),
            signatories=[SignatoryOut.of(one) for one in detail.signatories],
            events=[ContractEventOut.of(one) for one in detail.events],
            copies=[
                CopyOut(
                    store=one.store,
                    stored_at=one.stored_at,
                    verified_at=one.verified_at,
                    fault=one.fault,
                )
                for one in detail.copies
            ],
            highlighted=list(detail.highlighted),
            acknowledged=detail.acknowledged,
            mismatches=[
                MismatchOut(concern=one.concern, terms_say=one.terms_say, clause_no=one.clause_no)
                for one in detail.mismatches
            ],
            certificate=None if contract.certificate is None else dict(contract.certificate),
            timestamp_token=None if token is None else token.hex(),
            consent_version=contract.consent_version,
            upload_until_at=detail.upload_until_at,
            version=contract.version,
        )


class VerificationOut(BaseModel):
    """What reading all copies again found."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "contract_no": "L2611-7KQ4MX/1",
                "whole": False,
                "faults": {"files": "changed: its SHA-256 is 00…, not a1…"},
                "unread": {},
                "verified_at": "2026-11-21T02:00:00Z",
                "verify_next_at": "2026-11-23T02:00:00Z",
            }
        }
    )

    contract_no: str
    whole: bool = Field(description="Every copy was read and is what was kept.")
    faults: dict[str, str] = Field(description="By store.")
    unread: dict[str, str] = Field(description="By store, why it could not be read now.")
    verified_at: datetime | None
    verify_next_at: datetime

    @classmethod
    def of(cls, done: Verification) -> "VerificationOut":
        """As the service gives it."""
        return cls(
            contract_no=done.contract.contract_no,
            whole=done.whole,
            faults=dict(done.faults),
            unread=dict(done.unread),
            verified_at=done.contract.verified_at,
            verify_next_at=done.contract.verify_next_at,
        )


def fields_of(contract: Contract) -> dict[str, Any]:
    """What a list tells of a contract."""
    return {
        "contract_no": contract.contract_no,
        "lease_no": contract.lease_no,
        "edition": contract.edition,
        "organisation": contract.organisation_code,
        "origin": contract.origin,
        "state": contract.state,
        "after": contract.parent_no,
        "template": contract.template_code,
        "template_edition": contract.template_edition,
        "template_sha256": contract.template_sha256 and contract.template_sha256.hex(),
        "terms_sha256": contract.terms_sha256 and contract.terms_sha256.hex(),
        "file_name": contract.file_name,
        "media_type": contract.media_type,
        "size_bytes": contract.size_bytes,
        "sha256": contract.sha256.hex(),
        "method": contract.method,
        "reliable": False if contract.method == "local_stand_in" else None,
        "created_by": contract.created_by,
        "created_at": contract.created_at,
        "signed_at": contract.signed_at,
        "retain_until_on": contract.retain_until_on,
        "verified_at": contract.verified_at,
        "fault": contract.fault,
    }
